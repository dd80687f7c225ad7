# expect: 13 blocking-in-coroutine
import asyncio
import time


def crunch(path):
    return open(path).read()


async def work(path):
    loop = asyncio.get_running_loop()
    text = await loop.run_in_executor(None, crunch, path)
    time.sleep(1)
    return text
