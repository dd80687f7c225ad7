# expect: 14 wait-in-async
import asyncio


class Bridge:
    def __init__(self):
        self.loop = asyncio.new_event_loop()

    async def work(self):
        await asyncio.sleep(1)

    async def call(self):
        fut = asyncio.run_coroutine_threadsafe(self.work(), self.loop)
        return fut.result(10)
