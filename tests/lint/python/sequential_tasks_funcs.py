# expect: 15 serial-await
# also-ok: 16 serial-await
import httpx


async def profile(c: httpx.AsyncClient, uid):
    return (await c.get(f"/p/{uid}")).json()


async def orders(c: httpx.AsyncClient, uid):
    return (await c.get(f"/o/{uid}")).json()


async def page(c, uid):
    p = await profile(c, uid)
    o = await orders(c, uid)
    return {"p": p, "o": o}
