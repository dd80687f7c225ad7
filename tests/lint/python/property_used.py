# expect: 12 blocking-in-coroutine
import requests


class Client:
    @property
    def token(self):
        return requests.post("http://auth").json()["t"]


async def call(c: Client):
    return {"Authorization": c.token}
