# expect: none
import asyncio
import httpx


async def robust(client: httpx.AsyncClient, url):
    for attempt in range(5):
        try:
            r = await client.get(url)
            r.raise_for_status()
            return r.json()
        except httpx.HTTPError:
            await asyncio.sleep(2**attempt)
    raise RuntimeError


async def heartbeat(ws):
    while True:
        await ws.ping()
        await asyncio.sleep(30)
