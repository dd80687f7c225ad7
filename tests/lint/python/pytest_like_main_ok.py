# expect: none
import asyncio
import time


async def demo():
    await asyncio.sleep(0.1)


if __name__ == "__main__":
    t0 = time.perf_counter()
    asyncio.run(demo())
    time.sleep(1)
    print(time.perf_counter() - t0)
