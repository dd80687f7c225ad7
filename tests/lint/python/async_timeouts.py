# expect: 8 blocking-in-coroutine
import asyncio
import time


async def guarded():
    async with asyncio.timeout(1):
        time.sleep(2)
    await asyncio.wait_for(asyncio.to_thread(time.sleep, 1), 2)
