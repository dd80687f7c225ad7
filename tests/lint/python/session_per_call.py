# expect: 8 pool-per-call
# also-ok: 15 serial-await
import aiohttp


class Api:
    async def get(self, path):
        async with aiohttp.ClientSession() as s:
            async with s.get("https://x" + path) as r:
                return await r.json()


async def many(api: Api, paths):
    for p in paths:
        print(await api.get(p))
