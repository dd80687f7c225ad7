"""Requests to the server on PORT. five: five alike | uneven: eight from 0.05 to 0.6 s | stages: five users, the second request of each needs
the first's answer | crunch: six of 0.2 s and a count after each | heavy: the same with a longer count | many: 24 of 0.1 s.
How: sequential | threads | two (a pool of two) | row | gather (asyncio) | urllib (blocking on a loop) | both (asyncio, the count in two
processes)."""
import asyncio
import os
import sys
import urllib.request
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from count import count

PORT = int(os.environ.get("PORT", "0"))


def fetch(delay):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/{delay}", timeout=10) as answer:
        return answer.read()


async def fetch_async(delay):
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(f"GET /{delay} HTTP/1.0\r\n\r\n".encode())
    data = await reader.read()
    writer.close()
    return data


async def fetch_blocking(delay):
    return fetch(delay)


def user(delay):
    token = fetch(delay)
    return fetch(2 * delay), token


async def user_async(delay):
    token = await fetch_async(delay)
    return await fetch_async(2 * delay), token


def crunch(delay):
    fetch(delay)
    return count(3_000_000)


def heavy(delay):
    fetch(delay)
    return count(7_000_000)


async def both(delay, pool):
    await fetch_async(delay)
    return await asyncio.get_running_loop().run_in_executor(pool, count, 7_000_000)


async def all_both(items):
    with ProcessPoolExecutor(max_workers=2) as pool:
        await asyncio.gather(*(both(item, pool) for item in items))


WORK = {
    "five": (fetch, fetch_async, [0.3] * 5),
    "uneven": (fetch, fetch_async, [0.6, 0.05, 0.1, 0.35, 0.05, 0.2, 0.1, 0.15]),
    "stages": (user, user_async, [0.15] * 5),
    "crunch": (crunch, None, [0.2] * 6),
    "heavy": (heavy, None, [0.2] * 6),
    "many": (fetch, fetch_async, [0.1] * 24),
}


async def row(one, items):
    return [await one(item) for item in items]


async def gather(one, items):
    return await asyncio.gather(*(one(item) for item in items))

if __name__ == "__main__":
    plain, awaitable, items = WORK[sys.argv[1]]
    how = sys.argv[2]
    if how == "sequential":
        [plain(item) for item in items]
    elif how in ("threads", "two"):
        with ThreadPoolExecutor(max_workers=len(items) if how == "threads" else 2) as pool:
            list(pool.map(plain, items))
    elif how == "both":
        asyncio.run(all_both(items))
    else:
        asyncio.run(row(awaitable, items) if how == "row" else gather(fetch_blocking if how == "urllib" else awaitable, items))
