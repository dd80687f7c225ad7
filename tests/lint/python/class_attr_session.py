# expect: 10 blocking-in-coroutine
# expect: 14 blocking-in-coroutine
import requests


class Api:
    session = requests.Session()

    async def get(self, p):
        return self.session.get(p)

    @classmethod
    async def ping(cls):
        return cls.session.head("http://x")
