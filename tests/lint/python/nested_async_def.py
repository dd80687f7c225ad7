# expect: 7 blocking-in-coroutine
import time


def make():
    async def inner():
        time.sleep(1)

    return inner
