# expect: 17 blocking-in-coroutine
import time


def a():
    time.sleep(1)


def b():
    return 2


TABLE = {"a": a, "b": b}


async def run(k):
    TABLE[k]()
