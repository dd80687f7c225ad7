# expect: 6 unbounded-fan-out
import asyncio


async def crawl(client, urls):
    return await asyncio.gather(*[client.get(url) for url in urls])


async def in_batches(client, urls):
    out = []
    for start in range(0, len(urls), 20):
        out += await asyncio.gather(*(client.get(url) for url in urls[start:start + 20]))
    return out


async def of_rows(rows):
    return await asyncio.gather(*[row.get("task") for row in rows])
