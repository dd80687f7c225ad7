# expect: none
import asyncio


class Server:
    def __init__(self):
        self.tasks = set()

    async def job(self, x):
        await asyncio.sleep(x)

    async def on(self, x):
        t = asyncio.create_task(self.job(x))
        self.tasks.add(t)
        t.add_done_callback(self.tasks.discard)
        async with asyncio.TaskGroup() as tg:
            tg.create_task(self.job(1))
            tg.create_task(self.job(2))
