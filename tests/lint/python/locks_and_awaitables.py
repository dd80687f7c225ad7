# expect: 19 lock-across-await
# expect: 30 dropped-awaitable
# expect: 31 dropped-awaitable
# expect: 32 dropped-awaitable
# expect: 34 dropped-awaitable
import asyncio
import threading

import httpx


class Table:
    def __init__(self):
        self.guard = threading.RLock()
        self.gate = asyncio.Lock()
        self.rows = {}

    async def fill(self, key, source):
        with self.guard:
            self.rows[key] = await source(key)

    async def peek(self, key):
        with self.guard:
            row = self.rows[key]
        await asyncio.sleep(0)
        return row

    async def refresh(self, client: httpx.AsyncClient):
        async with self.gate:
            self.fill("a", client.get)
            asyncio.sleep(1)
            asyncio.create_task(self.peek("a"))
            task = asyncio.create_task(self.peek("b"))
            if self.peek("c"):
                await task
        async with asyncio.TaskGroup() as group:
            group.create_task(self.peek("d"))
