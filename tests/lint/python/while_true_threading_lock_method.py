# expect: 12 lock-across-await
import threading
import asyncio


class Counter:
    def __init__(self):
        self.guard = threading.Lock()
        self.n = 0

    async def slow_inc(self):
        with self.guard:
            v = self.n
            await asyncio.sleep(0.01)
            self.n = v + 1
