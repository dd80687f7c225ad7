# expect: 8 unbounded-fan-out
import asyncio

import httpx


async def crawl(client: httpx.AsyncClient, links):
    tasks = [asyncio.create_task(client.get(link)) for link in links]
    return await asyncio.gather(*tasks)


async def one(client: httpx.AsyncClient, link):
    task = asyncio.create_task(client.get(link))
    return await task
