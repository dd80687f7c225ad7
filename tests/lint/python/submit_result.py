# expect: 9 create-then-wait
from concurrent.futures import ThreadPoolExecutor
import requests


def main(urls):
    with ThreadPoolExecutor() as ex:
        for u in urls:
            print(ex.submit(requests.get, u).result())
