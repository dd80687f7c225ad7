# expect: 6 blocking-in-coroutine
import requests


async def f(urls):
    return list(map(lambda u: requests.get(u).status_code, urls))
