# expect: none
import asyncio


class C:
    def __init__(self):
        self._lock = asyncio.Lock()

    async def go(self, c):
        async with self._lock:
            r = await c.get("x")
            await asyncio.sleep(0.1)
            return r
