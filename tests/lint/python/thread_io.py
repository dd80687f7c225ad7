# expect: none
from concurrent.futures import ThreadPoolExecutor, as_completed
import requests


def load(url):
    r = requests.get(url, timeout=10)
    r.raise_for_status()
    return r.json()


def main(urls):
    with ThreadPoolExecutor(max_workers=20) as ex:
        futs = {ex.submit(load, u): u for u in urls}
        for f in as_completed(futs):
            print(futs[f], f.result())


if __name__ == "__main__":
    main(["http://a"])
