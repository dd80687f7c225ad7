# expect: 26 blocking-in-coroutine, 27 blocking-in-coroutine, 29 blocking-in-coroutine
import requests


class Remote:
    def __init__(self, base):
        self.base = base

    def __getitem__(self, key):
        return requests.get(self.base + key, timeout=3).json()

    def __setitem__(self, key, value):
        requests.put(self.base + key, json=value, timeout=3)

    def __truediv__(self, part):
        return Remote(self.base + part)

    def __lshift__(self, value):
        requests.post(self.base, json=value, timeout=3)


table = Remote("http://kv.example.com/")


async def handler(key):
    value = table[key]
    table[key] = value + 1
    deeper = table / "old"
    deeper << value
    return {"key": key}["key"]
