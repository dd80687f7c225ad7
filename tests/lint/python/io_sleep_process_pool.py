# expect: 13 io-in-compute-pool
import time
from multiprocessing import Pool


def wait(n):
    time.sleep(n)
    return n


if __name__ == "__main__":
    with Pool(8) as p:
        print(p.map(wait, [1] * 8))
