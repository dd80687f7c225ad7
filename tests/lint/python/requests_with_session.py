# expect: 9 blocking-in-coroutine
# also-ok: 7 pool-per-call
import requests


async def login(user, pw):
    with requests.Session() as s:
        s.auth = (user, pw)
        r = s.get("https://x/login")
        r.raise_for_status()
    return r.cookies
