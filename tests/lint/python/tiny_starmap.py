# expect: 14 tiny-tasks
# also-ok: 12 tiny-tasks
from multiprocessing import Pool


def add(a, b):
    return a + b


if __name__ == "__main__":
    with Pool() as p:
        for r in p.imap_unordered(str.upper, ["a"] * 100000):
            print(r)
        fs = [p.apply_async(add, (i, i)) for i in range(10000)]
