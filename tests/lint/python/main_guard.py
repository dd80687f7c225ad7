# expect: 21 missing-main-guard
from concurrent.futures import ProcessPoolExecutor


def heavy(n):
    return sum(i * i for i in range(n))


def main():
    with ProcessPoolExecutor() as pool:
        print(list(pool.map(heavy, [10_000] * 4)))


POOL = ProcessPoolExecutor()


def later(n):
    return POOL.submit(heavy, n)


main()
