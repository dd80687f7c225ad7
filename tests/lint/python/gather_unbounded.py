# expect: 13 unbounded-fan-out
import asyncio
import aiohttp


async def get(session, url):
    async with session.get(url) as r:
        return await r.read()


async def crawl(urls):
    async with aiohttp.ClientSession() as session:
        return await asyncio.gather(*[get(session, u) for u in urls])
