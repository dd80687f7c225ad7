# expect: 15 large-task-arguments
from concurrent.futures import ProcessPoolExecutor


def score(table, row):
    s = 0
    for i, v in enumerate(table):
        s += v * row
    return s


if __name__ == "__main__":
    table = list(range(5_000_000))
    with ProcessPoolExecutor() as pool:
        futs = [pool.submit(score, table, r) for r in range(1000)]
        print(sum(f.result() for f in futs))
