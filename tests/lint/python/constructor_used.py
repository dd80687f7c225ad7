# expect: 11 blocking-in-coroutine
import requests


class Feed:
    def __init__(self, url):
        self.items = requests.get(url).json()


async def feed(url):
    return Feed(url).items
