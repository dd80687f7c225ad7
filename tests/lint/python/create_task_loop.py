# expect: 15 unbounded-fan-out
# also-ok: 16 unbounded-fan-out
import asyncio
import httpx


async def one(c, u):
    return await c.get(u)


async def main(urls):
    tasks = []
    async with httpx.AsyncClient() as c:
        for u in urls:
            tasks.append(asyncio.create_task(one(c, u)))
        return await asyncio.gather(*tasks)
