# expect: none
import anyio
from anyio import to_thread
import requests


async def main(urls):
    limiter = anyio.CapacityLimiter(10)
    async with anyio.create_task_group() as tg:
        for u in urls[:10]:
            tg.start_soon(one, u, limiter)


async def one(u, limiter):
    async with limiter:
        r = await to_thread.run_sync(requests.get, u)
        print(r.status_code)
    p = anyio.Path("x")
    await p.write_text("y")
