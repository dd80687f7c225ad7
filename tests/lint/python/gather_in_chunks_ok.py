# expect: none
import asyncio
import httpx


async def get(c, u):
    return (await c.get(u)).status_code


async def main(urls):
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=10)) as c:
        return await asyncio.gather(*(get(c, u) for u in urls))
