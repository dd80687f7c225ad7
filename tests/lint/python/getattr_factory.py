# expect: 16 blocking-in-coroutine
import requests


def make_session():
    s = requests.Session()
    s.headers["X"] = "1"
    return s


class Api:
    def __init__(self):
        self._s = make_session()

    async def me(self):
        return self._s.get("https://api/me").json()
