# expect: 7 dropped-awaitable
import asyncio


async def producer(q: asyncio.Queue, n):
    for i in range(n):
        q.put(i)
    await q.put(None)
