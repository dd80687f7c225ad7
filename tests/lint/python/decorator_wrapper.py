# expect: 21 blocking-in-coroutine
import functools
import time


def rate_limited(fn):
    @functools.wraps(fn)
    def wrapper(*a, **k):
        time.sleep(0.5)
        return fn(*a, **k)

    return wrapper


@rate_limited
def build(x):
    return {"x": x}


async def handle(x):
    return build(x)
