# expect: none
# The wrapper is known by what it does with the function it is given.
import asyncio
import functools
import time


class Core:
    def __init__(self, loop):
        self.loop = loop

    def in_worker(self, function, *args):
        return self.loop.run_in_executor(None, function, *args)


def threaded(function):
    @functools.wraps(function)
    async def wrapper(*args):
        return await asyncio.to_thread(function, *args)

    return wrapper


@threaded
def settle(seconds):
    time.sleep(seconds)


def slow(seconds):
    time.sleep(seconds)


async def run(core: Core):
    await core.in_worker(slow, 3)
    await settle(3)
