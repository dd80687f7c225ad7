# expect: none
import httpx


async def pages(client: httpx.AsyncClient):
    url = "/items"
    while url:
        r = (await client.get(url)).json()
        for it in r["items"]:
            yield it
        url = r.get("next")


async def dep(client: httpx.AsyncClient, uid):
    user = (await client.get(f"/u/{uid}")).json()
    team = (await client.get(f"/t/{user['team']}")).json()
    return team
