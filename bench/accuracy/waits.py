"""Waits without a network. sleeps: six of a quarter second | long: two of 0.9 s | children: six programs of 0.2 s | locked: four threads that
sleep with the lock held | journal: twelve small files, written and made safe by fsync sixty times each. How: sequential | threads | asyncio."""
import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

LOCK = threading.Lock()


def child(_):
    return subprocess.run(["sleep", "0.2"], check=True)


def locked(_):
    with LOCK:
        time.sleep(0.02)


def apart(_):
    with LOCK:
        pass
    time.sleep(0.02)


def journal(path):
    for _ in range(60):
        with open(path, "w", encoding="utf-8") as file:
            file.write("x" * 4096)
            file.flush()
            os.fsync(file.fileno())


def work(what, folder):
    return {
        "sleeps": (time.sleep, [0.25] * 6),
        "long": (time.sleep, [0.9] * 2),
        "children": (child, range(6)),
        "locked": (locked, range(48)),
        "apart": (apart, range(48)),
        "journal": (journal, [os.path.join(folder, str(number)) for number in range(12)]),
    }[what]


async def together(delays):
    await asyncio.gather(*(asyncio.sleep(delay) for delay in delays))


def main():
    with tempfile.TemporaryDirectory(dir=".") as folder:
        one, items = work(sys.argv[1], folder)
        if sys.argv[2] == "sequential":
            for item in items:
                one(item)
        elif sys.argv[2] == "threads":
            with ThreadPoolExecutor(max_workers=min(6, len(items))) as pool:
                list(pool.map(one, items))
        else:
            asyncio.run(together(items))

if __name__ == "__main__":
    main()
