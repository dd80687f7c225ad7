# expect: none
import asyncio
from concurrent.futures import ProcessPoolExecutor

pool = ProcessPoolExecutor()


def crunch(n):
    t = 0
    for i in range(n):
        for j in range(n):
            t += i * j
    return t


async def h(n):
    return await asyncio.get_running_loop().run_in_executor(pool, crunch, n)
