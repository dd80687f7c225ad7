# expect: none
import threading


class Stats:
    def __init__(self):
        self._lock = threading.Lock()
        self.n = 0

    async def hit(self, send):
        with self._lock:
            self.n += 1
        await send(self.n)
