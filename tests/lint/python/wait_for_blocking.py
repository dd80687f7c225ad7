# expect: 8 blocking-in-coroutine
import asyncio
import requests


async def probe(u):
    async def inner():
        return requests.get(u)

    return await asyncio.wait_for(inner(), timeout=1)
