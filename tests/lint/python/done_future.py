# expect: none
import asyncio
from concurrent.futures import Future


async def collect(tasks):
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for t in done:
        print(t.result())
    for p in pending:
        p.cancel()


async def ready(f: Future):
    if f.done():
        return f.result()
    return await asyncio.wrap_future(f)
