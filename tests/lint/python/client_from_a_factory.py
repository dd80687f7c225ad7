# expect: 25 pool-per-call
# expect: 34 pool-per-call
# also-ok: 30 serial-await
# A method that makes a new client in each call; one that keeps it is no such thing. What a pool's map is given runs per item.
from concurrent.futures import ThreadPoolExecutor

import httpx
import requests


class Weather:
    def __init__(self):
        self.kept = None

    def make(self):
        return httpx.AsyncClient(base_url="https://weather.example")

    def shared(self):
        if self.kept is None:
            self.kept = httpx.AsyncClient(base_url="https://weather.example")
        return self.kept

    async def all(self, towns):
        for town in towns:
            async with self.make() as client:
                await client.get(town)

    async def each(self, towns):
        for town in towns:
            await self.shared().get(town)


def price(item):
    session = requests.Session()
    return session.get(item, timeout=5).text


def prices(pool: ThreadPoolExecutor, items):
    return list(pool.map(price, items))
