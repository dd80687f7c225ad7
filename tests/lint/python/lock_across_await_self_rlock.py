# expect: 10 lock-across-await
import threading
import aiohttp


class Tok:
    _lock = threading.RLock()

    async def refresh(self, s: aiohttp.ClientSession):
        with Tok._lock:
            async with s.post("/t") as r:
                self.t = await r.json()
