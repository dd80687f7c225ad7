# expect: 9 blocking-in-coroutine
import requests


async def view(uid):
    def load():
        return requests.get(f"http://u/{uid}").json()

    data = load()
    return data
