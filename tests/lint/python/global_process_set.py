# expect: 10 process-shared-state
from concurrent.futures import ProcessPoolExecutor

TOTAL = 0


def add(n):
    global TOTAL
    for i in range(n):
        TOTAL += i


def main():
    with ProcessPoolExecutor() as ex:
        list(ex.map(add, [10**6] * 4))
    print(TOTAL)


if __name__ == "__main__":
    main()
