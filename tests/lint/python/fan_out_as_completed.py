# expect: 15 unbounded-fan-out
import asyncio

import httpx

client = httpx.AsyncClient()


async def size(url):
    return len((await client.get(url)).content)


async def total(urls):
    count = 0
    for done in asyncio.as_completed([size(url) for url in urls]):
        count += await done
    return count


async def of_two():
    count = 0
    for done in asyncio.as_completed([size("https://a.example.com"), size("https://b.example.com")]):
        count += await done
    return count
