# expect: 9 pool-per-call
# also-ok: 10 serial-await
import httpx


async def fetch_all(urls):
    out = []
    for u in urls:
        async with httpx.AsyncClient() as c:
            out.append((await c.get(u)).text)
    return out
