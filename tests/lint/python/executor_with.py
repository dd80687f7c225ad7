# expect: 10 wait-in-async
# also-ok: 9 pool-per-call
# also-ok: 9 wait-in-async
from concurrent.futures import ThreadPoolExecutor
import requests


async def pages(urls):
    with ThreadPoolExecutor(8) as ex:
        return list(ex.map(requests.get, urls))
