# expect: 10 dropped-awaitable
import asyncio


async def audit(msg):
    await asyncio.sleep(1)


async def handler(msg):
    asyncio.create_task(audit(msg))
    return "ok"
