# expect: 11 sync-over-async
import asyncio


async def job():
    await asyncio.sleep(1)


async def handler(request):
    loop = asyncio.get_event_loop()
    loop.run_until_complete(job())
