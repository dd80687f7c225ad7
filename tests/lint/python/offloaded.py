# expect: none
import asyncio
import functools
import time
from concurrent.futures import ThreadPoolExecutor

import anyio
import requests

POOL = ThreadPoolExecutor(4)


def crunch(path, retries=3):
    time.sleep(retries)
    return open(path).read()


async def many_ways(path, hass):
    await asyncio.to_thread(crunch, path)
    await asyncio.to_thread(lambda: crunch(path))
    await asyncio.get_running_loop().run_in_executor(POOL, functools.partial(crunch, path, retries=1))
    await anyio.to_thread.run_sync(crunch, path)
    await hass.async_add_executor_job(crunch, path)
    return await asyncio.wrap_future(POOL.submit(requests.get, path))
