# expect: 8 blocking-in-coroutine
# also-ok: 9 blocking-in-coroutine
from urllib.request import urlopen, Request
import json


async def latest(pkg):
    with urlopen(Request(f"https://pypi.org/pypi/{pkg}/json")) as r:
        return json.load(r)
