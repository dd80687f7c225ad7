# expect: 11 tiny-tasks
from concurrent.futures import ProcessPoolExecutor


def is_even(n):
    return n % 2 == 0


def main():
    with ProcessPoolExecutor() as ex:
        futs = [ex.submit(is_even, i) for i in range(100_000)]
        print(sum(f.result() for f in futs))


if __name__ == "__main__":
    main()
