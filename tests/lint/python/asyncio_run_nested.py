# expect: 14 sync-over-async
import asyncio


async def inner():
    await asyncio.sleep(1)


def sync_facade():
    return asyncio.run(inner())


async def outer():
    return sync_facade()
