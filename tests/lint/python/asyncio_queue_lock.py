# expect: none
import asyncio

lock = asyncio.Lock()
q = asyncio.Queue()
ev = asyncio.Event()


async def w():
    async with lock:
        await asyncio.sleep(1)
    item = await q.get()
    await ev.wait()
    q.put_nowait(item)
    q.get_nowait()
