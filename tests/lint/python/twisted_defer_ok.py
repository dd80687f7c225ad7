# expect: none
from concurrent.futures import ThreadPoolExecutor
import asyncio
import requests

_pool = ThreadPoolExecutor(10)


async def call(fn, *args):
    return await asyncio.wrap_future(_pool.submit(fn, *args))


async def get(u):
    return await call(requests.get, u)
