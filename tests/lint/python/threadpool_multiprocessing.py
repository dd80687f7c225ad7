# expect: 14 compute-in-threads-gil
from multiprocessing.pool import ThreadPool


def work(n):
    s = 0
    for i in range(n * 1_000_000):
        s ^= i
    return s


if __name__ == "__main__":
    with ThreadPool(4) as tp:
        print(tp.map(work, range(8)))
