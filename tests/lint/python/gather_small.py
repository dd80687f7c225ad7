# expect: none
import asyncio


async def a():
    await asyncio.sleep(1)


async def main():
    await asyncio.gather(a(), a(), a())
    r = await asyncio.gather(*[a() for _ in range(5)])
    return r
