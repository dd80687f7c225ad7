# expect: 14 blocking-in-coroutine
# expect: 15 blocking-in-coroutine
# also-ok: 13 pool-per-call
import requests


class Client(requests.Session):
    def api(self, path):
        return self.get("https://api" + path)


async def go():
    c = Client()
    c.api("/x")
    c.post("/y")
