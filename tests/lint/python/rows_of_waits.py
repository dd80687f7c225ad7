# expect: 11 serial-await
# expect: 19 serial-await
# also-ok: 12 serial-await
import asyncio

import aiohttp
import httpx


async def dashboard(client: httpx.AsyncClient, user):
    prices = await client.get("/prices")
    stock = await client.get(f"/stock/{user}")
    return prices, stock


async def pages(client: httpx.AsyncClient, urls):
    out = []
    for url in urls:
        out.append(await client.get(url))
    return out


async def dependent(client: httpx.AsyncClient, user):
    profile = await client.get(f"/users/{user}")
    friends = await client.get(profile.json()["friends"])
    return friends


async def cursor(client: httpx.AsyncClient, link, pages_wanted):
    out = []
    for _ in range(pages_wanted):
        page = await client.get(link)
        link = page.json()["next"]
        out.append(page)
    return out


async def first_answer(client: httpx.AsyncClient, mirrors):
    for mirror in mirrors:
        answer = await client.get(mirror)
        if answer.is_success:
            return answer
    return None


async def gently(client: httpx.AsyncClient, urls):
    for url in urls:
        await client.get(url)
        await asyncio.sleep(1)


async def order_matters(session: aiohttp.ClientSession, item):
    await session.post("/lock")
    await session.post(f"/set/{item}")
