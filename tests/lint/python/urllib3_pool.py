# expect: 8 blocking-in-coroutine
import urllib3

http = urllib3.PoolManager()


async def fetch(u):
    return http.request("GET", u).data
