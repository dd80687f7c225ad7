# expect: 11 tiny-tasks
from multiprocessing import Pool


def inc(x):
    return x + 1


if __name__ == "__main__":
    with Pool() as p:
        print(sum(p.imap(inc, range(1_000_000))))
