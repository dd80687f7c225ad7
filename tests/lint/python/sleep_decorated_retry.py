# expect: 14 blocking-in-coroutine
import functools
import time


def retry(times):
    def deco(fn):
        @functools.wraps(fn)
        async def wrapper(*args, **kwargs):
            for _ in range(times):
                try:
                    return await fn(*args, **kwargs)
                except OSError:
                    time.sleep(1)
        return wrapper
    return deco


@retry(3)
async def go(c):
    return await c.fetch()
