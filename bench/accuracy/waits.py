"""Six waits of a quarter second: sequential | threads | asyncio."""
import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor


async def together():
    await asyncio.gather(*(asyncio.sleep(0.25) for _ in range(6)))


if __name__ == "__main__":
    if sys.argv[1] == "sequential":
        for _ in range(6):
            time.sleep(0.25)
    elif sys.argv[1] == "threads":
        with ThreadPoolExecutor(max_workers=6) as pool:
            list(pool.map(time.sleep, [0.25] * 6))
    else:
        asyncio.run(together())
