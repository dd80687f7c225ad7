# expect: none
import asyncio


async def crunch(n):
    t = 0
    for i in range(n):
        t += i * i
        if i % 1000 == 0:
            await asyncio.sleep(0)
    return t
