#!/usr/bin/env python3
"""workloads.py SCENARIO [SECONDS] [PEER]: the corpus' Python programs; PEER is a port on loopback where one is asked.

Written for CPython's main lines since 3.7, so that the corpus can be run on any interpreter that is at hand.
"""
import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import zlib
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

SCENARIO = sys.argv[1] if len(sys.argv) > 1 else ""
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 2.0
PEER = sys.argv[3] if len(sys.argv) > 3 else ""


def count_down(cpu_seconds):
    """Pure Python for that much CPU time of the calling thread."""
    end = time.thread_time() + cpu_seconds
    while time.thread_time() < end:
        n = 5000
        while n > 0:
            n -= 1


def run_threads(count, work, *args):
    threads = [threading.Thread(target=work, args=args) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def get():
    with urllib.request.urlopen(f"http://127.0.0.1:{PEER}/", timeout=10) as answer:
        return answer.read()


def until_end(work, *args):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        work(*args)


# ---- computing ----

def compute():
    count_down(SECONDS)


def processes():
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(count_down, [SECONDS] * os.cpu_count()))


def gil_two():
    run_threads(2, count_down, SECONDS / 2)


def gil_six():
    run_threads(6, count_down, SECONDS / 6)


def gil_released():
    data = os.urandom(1 << 20) * 4

    def squeeze():
        end = time.thread_time() + SECONDS
        while time.thread_time() < end:
            zlib.compress(data, 6)

    run_threads(os.cpu_count(), squeeze)


def one_lock():
    lock = threading.Lock()

    def work():
        for _ in range(int(SECONDS / 6 / 0.01)):
            with lock:
                count_down(0.01)

    run_threads(6, work)


def _one_process(lock):
    for _ in range(int(SECONDS / 4 / 0.01)):
        with lock:
            count_down(0.01)


def one_process_lock():
    lock = multiprocessing.Lock()
    workers = [multiprocessing.Process(target=_one_process, args=(lock,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def gil_and_heartbeat():
    def beat():
        while True:
            time.sleep(0.02)

    threading.Thread(target=beat, daemon=True).start()
    count_down(SECONDS)


# ---- waiting ----

def sleeps():
    until_end(time.sleep, 0.1)


def thread_pool_sleeps():
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(time.sleep, [SECONDS] * 5))


def two_roles():
    worker = multiprocessing.Process(target=count_down, args=(SECONDS,))
    worker.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(time.sleep, [SECONDS / 8] * 33))
    worker.join()


async def _gather():
    await asyncio.gather(*(asyncio.sleep(SECONDS) for _ in range(20)))


def asyncio_gather():
    asyncio.run(_gather())


async def _row():
    for _ in range(10):
        await asyncio.sleep(SECONDS / 10)


def asyncio_row():
    asyncio.run(_row())


async def _blocked():
    async def handle():
        time.sleep(SECONDS / 4)

    await asyncio.gather(*(handle() for _ in range(4)))


def asyncio_blocked():
    asyncio.run(_blocked())


async def _computes():
    async def handle():
        await asyncio.sleep(0)
        count_down(SECONDS / 10)

    await asyncio.gather(*(handle() for _ in range(10)))


def asyncio_computes():
    asyncio.run(_computes())


async def _offloads_to_processes():
    async def beat():
        while True:
            await asyncio.sleep(0.01)

    heart = asyncio.create_task(beat())
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        await asyncio.gather(*[loop.run_in_executor(pool, count_down, SECONDS / 3) for _ in range(3 * os.cpu_count())])
    heart.cancel()


def asyncio_process_pool():
    asyncio.run(_offloads_to_processes())


def urllib_sequential():
    until_end(get)


def urllib_threads():
    run_threads(8, until_end, get)


async def _fetch():
    end = time.monotonic() + SECONDS
    reader, writer = await asyncio.open_connection("127.0.0.1", int(PEER))
    while time.monotonic() < end:
        writer.write(b"question\n")
        await reader.readline()
    writer.close()


async def _fetch_many():
    await asyncio.gather(*(_fetch() for _ in range(20)))


def asyncio_fetch():
    asyncio.run(_fetch_many())


async def _urllib_in_loop():
    async def handle():
        until_end(get)

    await asyncio.gather(handle())


def asyncio_urllib():
    asyncio.run(_urllib_in_loop())


def fsyncs():
    name = f"fsync-{os.getpid()}"
    with open(name, "wb", buffering=0) as file:
        def commit():
            file.seek(0)
            file.write(b"x" * 4096)
            os.fsync(file.fileno())

        until_end(commit)
    os.unlink(name)


def fetch_and_compute():
    def step():
        get()
        count_down(0.03)

    until_end(step)


def child_sleeps():
    until_end(lambda: subprocess.run(["sleep", "0.3"], check=True))


# ---- serving, until ended ----

def ready(port):
    print("ready", port, flush=True)


def idle_http():
    import http.server
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        ready(server.server_address[1])
        server.serve_forever()


async def _asyncio_server(handle):
    async def serve(reader, writer):
        while await reader.readline():
            await handle()
            writer.write(b"answer\n")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    ready(server.sockets[0].getsockname()[1])
    await asyncio.sleep(SECONDS)


def idle_asyncio():
    async def handle():
        pass

    asyncio.run(_asyncio_server(handle))


def service_blocks():
    async def handle():
        time.sleep(0.02)

    asyncio.run(_asyncio_server(handle))


def service_held_up():
    for _ in range(4):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    service_blocks()


def service_offloads():
    async def handle():
        await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.02)

    asyncio.run(_asyncio_server(handle))


def idle_pool():
    pool = ThreadPoolExecutor(6)
    list(pool.map(lambda _: time.sleep(0.05), range(6)))
    server = socket.create_server(("127.0.0.1", 0))
    ready(server.getsockname()[1])
    server.accept()


if __name__ == "__main__":
    scenario = globals().get(SCENARIO.replace("-", "_"))
    if not callable(scenario):
        sys.exit(f"usage: {sys.argv[0]} SCENARIO [SECONDS] [PEER]")
    scenario()
