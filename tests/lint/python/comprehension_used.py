# expect: 8 blocking-in-coroutine
import requests

URLS = ["https://a", "https://b"]


async def all_pages():
    return [requests.get(u).text for u in URLS]
