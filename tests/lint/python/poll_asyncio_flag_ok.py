# expect: none
import asyncio


class S:
    def __init__(self):
        self.running = True

    async def serve(self):
        while self.running:
            await self.step()
            await asyncio.sleep(1)

    async def step(self):
        self.running = bool(self)
