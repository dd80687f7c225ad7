# expect: 14 blocking-in-coroutine
import time


def slow():
    time.sleep(3)


def apply(fn, *args):
    return fn(*args)


async def main():
    apply(slow)
