# expect: 14 thread-per-task
from concurrent.futures import ThreadPoolExecutor

import requests

MIRRORS = ["https://a.example.com", "https://b.example.com"]


def check(url):
    return requests.head(url, timeout=3).ok


def check_all(urls):
    with ThreadPoolExecutor(max_workers=len(urls)) as pool:
        return list(pool.map(check, urls))


def check_some(urls):
    with ThreadPoolExecutor(min(16, len(urls))) as pool:
        return list(pool.map(check, urls))


def check_mirrors():
    with ThreadPoolExecutor(len(MIRRORS)) as pool:
        return list(pool.map(check, MIRRORS))
