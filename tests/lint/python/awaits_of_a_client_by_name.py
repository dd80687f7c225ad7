# expect: 10 serial-await
async def fetch(client, i):
    r = await client.get(f"/items/{i}")
    return r.json()


async def collect(client, ids):
    result = []
    for i in ids:
        result.append(await fetch(client, i))
    return result


async def look_up(cache, keys):
    return [await cache.get(key) for key in keys]
