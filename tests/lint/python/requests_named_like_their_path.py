# expect: 11 serial-await
# expect: 18 serial-await
import asyncio
import httpx


async def avatars(logins):
    out = {}
    async with httpx.AsyncClient() as client:
        for login in logins:
            r = await client.get(f"/users/{login}")
            out[login] = r.json()["avatar_url"]
    return out


async def both():
    async with httpx.AsyncClient() as client:
        user = await client.get("/user")
        item = await client.get("/items/user")
    return user, item


async def follows():
    async with httpx.AsyncClient() as client:
        user = await client.get("/user")
        item = await client.get(f"/items/{user.text}")
        page = await client.get('/pages/' + item.text)
    return page
