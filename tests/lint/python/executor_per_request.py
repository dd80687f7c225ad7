# expect: 16 pool-per-call
import asyncio
from concurrent.futures import ProcessPoolExecutor
from aiohttp import web


def render(n):
    t = 0
    for i in range(n):
        t += i * i
    return t


async def handle(request):
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor() as pool:
        r = await loop.run_in_executor(pool, render, 10**6)
    return web.json_response(r)


app = web.Application()
app.router.add_get("/r", handle)
