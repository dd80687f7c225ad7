# expect: none
# One decorator for both kinds of function has a wrapper for each; a coroutine gets the one that sleeps with asyncio.
import asyncio
import functools
import time


def again(function):
    if asyncio.iscoroutinefunction(function):

        @functools.wraps(function)
        async def patiently(*args):
            while True:
                try:
                    return await function(*args)
                except OSError:
                    await asyncio.sleep(1)

        return patiently

    @functools.wraps(function)
    def wrapper(*args):
        while True:
            try:
                return function(*args)
            except OSError:
                time.sleep(1)

    return wrapper


@again
async def send(writer):
    await writer.drain()


async def main(writer):
    await send(writer)
