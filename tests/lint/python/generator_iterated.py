# expect: 16 blocking-in-coroutine
import requests


def pages(base):
    n = 1
    while True:
        r = requests.get(base, params={"page": n})
        if not r.json():
            return
        yield r.json()
        n += 1


async def crawl(base):
    for page in pages(base):
        print(page)
