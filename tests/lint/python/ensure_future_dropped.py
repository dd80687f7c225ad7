# expect: 11 dropped-awaitable
import asyncio


class Bot:
    async def loop(self):
        while True:
            await asyncio.sleep(1)

    def start(self):
        asyncio.ensure_future(self.loop())
