# expect: 39 blocking-in-coroutine
# expect: 40 blocking-in-coroutine
# expect: 41 blocking-in-coroutine
# expect: 42 blocking-in-coroutine
# expect: 43 blocking-in-coroutine
# expect: 44 blocking-in-coroutine
import time
from contextlib import contextmanager
from functools import partial


class Device:
    def __init__(self, port):
        time.sleep(0.1)
        self.port = port

    @property
    def state(self):
        time.sleep(0.1)
        return 1


@contextmanager
def powered():
    time.sleep(1)
    yield


def readings():
    time.sleep(1)
    yield 1


def apply(function):
    return function()


async def poll():
    device = Device(3)
    state = device.state
    with powered():
        values = list(readings())
    apply(lambda: time.sleep(1))
    partial(time.sleep, 1)()
    return state, values
