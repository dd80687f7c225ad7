# expect: 8 pool-per-call
from concurrent.futures import ThreadPoolExecutor
import requests


def run(batches):
    for b in batches:
        with ThreadPoolExecutor(8) as ex:
            list(ex.map(requests.get, b))
