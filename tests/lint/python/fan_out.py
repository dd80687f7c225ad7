# expect: 19 unbounded-fan-out
# expect: 25 unbounded-fan-out
# expect: 28 async-without-await
import asyncio

import httpx

LIMIT = asyncio.Semaphore(20)


async def fetch(client: httpx.AsyncClient, url):
    return await client.post(url)


async def polite(client: httpx.AsyncClient, url):
    async with LIMIT:
        return await fetch(client, url)
async def all_at_once(client, urls):
    return await asyncio.gather(*(fetch(client, u) for u in urls))


async def with_tasks(client, urls):
    async with asyncio.TaskGroup() as group:
        for url in urls:
            group.create_task(fetch(client, url))


async def square(x):
    return x * x
async def fine(client, urls):
    await asyncio.gather(*(polite(client, u) for u in urls))
    await asyncio.gather(*(fetch(client, u) for u in ("/a", "/b")))
    await asyncio.gather(*(square(x) for x in range(10)))
