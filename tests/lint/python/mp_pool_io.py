# expect: 13 io-in-compute-pool
from multiprocessing import Pool
import urllib.request


def dl(u):
    with urllib.request.urlopen(u) as r:
        return len(r.read())


if __name__ == "__main__":
    with Pool(16) as p:
        print(p.map(dl, ["http://a"] * 100))
