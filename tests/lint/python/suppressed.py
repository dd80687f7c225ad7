# expect: none
import time


async def a():
    time.sleep(1)  # noqa: blocking-in-coroutine


async def b():
    # concadvise: allow(blocking-in-coroutine) the device needs it
    time.sleep(1)


async def c():
    time.sleep(1)  # noqa
