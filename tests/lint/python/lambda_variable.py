# expect: 8 blocking-in-coroutine
import time

nap = lambda s: time.sleep(s)


async def f():
    nap(2)
