# expect: 9 blocking-in-coroutine
import functools
import requests

get = functools.partial(requests.get, timeout=5)


async def f(u):
    return get(u).text
