# expect: 10 serial-await
# also-ok: 11 serial-await
import aiohttp


async def all_pages(urls):
    out = []
    async with aiohttp.ClientSession() as s:
        for u in urls:
            async with s.get(u) as r:
                out.append(await r.text())
    return out
