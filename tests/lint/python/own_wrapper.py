# expect: none
import asyncio
import functools
import requests


def in_thread(fn):
    @functools.wraps(fn)
    async def wrapper(*a, **k):
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, functools.partial(fn, *a, **k))

    return wrapper


@in_thread
def fetch(url):
    return requests.get(url).text


async def main():
    print(await fetch("http://x"))
