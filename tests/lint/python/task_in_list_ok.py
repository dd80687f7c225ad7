# expect: none
import asyncio


async def w(i):
    await asyncio.sleep(i)


async def main():
    background = []
    for i in range(3):
        background.append(asyncio.create_task(w(i)))
    t = asyncio.create_task(w(9))
    await asyncio.gather(*background)
    await t
    return asyncio.create_task(w(1))
