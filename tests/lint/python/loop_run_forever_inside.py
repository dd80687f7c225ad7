# expect: 7 sync-over-async
import asyncio


async def restart():
    loop = asyncio.new_event_loop()
    loop.run_forever()
