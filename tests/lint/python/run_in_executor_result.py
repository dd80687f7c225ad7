# expect: 15 wait-in-async
import asyncio
from concurrent.futures import ThreadPoolExecutor

ex = ThreadPoolExecutor()


class Svc:
    async def go(self, fn):
        futs = []
        for i in range(3):
            futs.append(ex.submit(fn, i))
        out = []
        for f in futs:
            out.append(f.result())
        return out
