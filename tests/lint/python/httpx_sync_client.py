# expect: 9 blocking-in-coroutine
# also-ok: 7 pool-per-call
import httpx


async def ping(urls):
    with httpx.Client(timeout=3) as client:
        for u in urls:
            client.head(u)
