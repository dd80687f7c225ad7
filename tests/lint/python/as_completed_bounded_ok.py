# expect: none
import asyncio
import httpx


async def worker(q, c):
    while True:
        u = await q.get()
        await c.get(u)
        q.task_done()


async def main(urls):
    q = asyncio.Queue()
    async with httpx.AsyncClient() as c:
        ws = [asyncio.create_task(worker(q, c)) for _ in range(10)]
        for u in urls:
            q.put_nowait(u)
        await q.join()
        for w in ws:
            w.cancel()
