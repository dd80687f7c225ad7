# expect: none
import aiofiles
import asyncpg
import httpx
import redis.asyncio as redis
from motor.motor_asyncio import AsyncIOMotorClient

r = redis.Redis()
db = AsyncIOMotorClient()["x"]
client = httpx.AsyncClient()


async def go(dsn):
    await r.get("a")
    conn = await asyncpg.connect(dsn)
    await conn.execute("SELECT 1")
    await db.items.find_one({})
    async with aiofiles.open("f") as f:
        text = await f.read()
    resp = await client.post("http://x", content=text)
    return resp.json()
