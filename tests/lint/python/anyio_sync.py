# expect: 8 blocking-in-coroutine
import anyio
import requests


async def work(url):
    ok = await anyio.to_thread.run_sync(requests.get, url)
    bad = requests.get(url)
    return ok, bad
