"""Three requests to PORT, then a count for each: blocked (on the loop) | threads | processes."""
import asyncio
import sys
from concurrent.futures import ProcessPoolExecutor

from count import count
from calls import fetch_async


async def one(number, pool, how):
    await fetch_async(0.3)
    if how == "blocked":
        return count(4_000_000)
    return await asyncio.get_running_loop().run_in_executor(pool, count, 4_000_000)


async def main(how):
    if how != "processes":
        return await asyncio.gather(*(one(number, None, how) for number in range(3)))
    with ProcessPoolExecutor(max_workers=2) as pool:
        return await asyncio.gather(*(one(number, pool, how) for number in range(3)))

if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
