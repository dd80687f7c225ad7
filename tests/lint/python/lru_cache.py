# expect: 12 blocking-in-coroutine
import functools
import requests


@functools.lru_cache(maxsize=None)
def rates(day):
    return requests.get(f"https://fx/{day}").json()


async def convert(day, amount):
    return amount * rates(day)["usd"]
