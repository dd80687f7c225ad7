# expect: 7 pool-per-call
# also-ok: 12 serial-await
import requests


def get(url):
    s = requests.Session()
    return s.get(url)


def main(urls):
    return [get(u) for u in urls]
