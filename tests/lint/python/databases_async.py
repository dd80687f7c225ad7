# expect: none
import asyncpg
import redis.asyncio as redis
from sqlalchemy.ext.asyncio import AsyncSession


async def hits(cache: redis.Redis):
    return await cache.incr("hits")


async def profile(db: AsyncSession, statement):
    return (await db.execute(statement)).scalars().first()


async def orders(dsn):
    connection = await asyncpg.connect(dsn)
    return await connection.fetch("SELECT 1")
