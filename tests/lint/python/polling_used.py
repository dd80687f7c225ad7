# expect: 12 sleep-polling
# also-ok: 11 sleep-polling
import asyncio


class Job:
    def __init__(self):
        self.done = False

    async def wait(self):
        while not self.done:
            await asyncio.sleep(0.1)
