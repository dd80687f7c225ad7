"""Five requests to PORT, answered after 0.3 s each: sequential | threads (blocking) | row | gather (asyncio) | urllib (blocking on a loop)."""
import asyncio
import os
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

PORT = int(os.environ.get("PORT", "0"))


def fetch(number):
    with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/{number}", timeout=10) as answer:
        return answer.read()


async def fetch_async(number):
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(f"GET /{number} HTTP/1.0\r\n\r\n".encode())
    data = await reader.read()
    writer.close()
    return data


async def fetch_blocking(number):
    return fetch(number)


async def row():
    return [await fetch_async(number) for number in range(5)]


async def gather(one):
    return await asyncio.gather(*(one(number) for number in range(5)))

if __name__ == "__main__":
    how = sys.argv[1]
    if how == "sequential":
        [fetch(number) for number in range(5)]
    elif how == "threads":
        with ThreadPoolExecutor(max_workers=5) as pool:
            list(pool.map(fetch, range(5)))
    else:
        asyncio.run(row() if how == "row" else gather(fetch_blocking if how == "urllib" else fetch_async))
