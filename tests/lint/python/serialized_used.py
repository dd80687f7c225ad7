# expect: 12 serialized-pool
# expect: 13 blocking-under-lock
import threading
from concurrent.futures import ThreadPoolExecutor
import requests

lock = threading.Lock()
seen = {}


def visit(u):
    with lock:
        seen[u] = requests.get(u).status_code


def main(urls):
    with ThreadPoolExecutor(16) as ex:
        list(ex.map(visit, urls))
