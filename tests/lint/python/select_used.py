# expect: 6 blocking-in-coroutine
import select


async def ready(socks):
    r, _, _ = select.select(socks, [], [])
    return r
