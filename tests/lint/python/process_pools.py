# expect: 22 unpicklable-process-task
# expect: 23 unpicklable-process-task
# expect: 24 unpicklable-process-task
# expect: 25 unpicklable-process-task
# expect: 26 large-task-arguments
# expect: 27 tiny-tasks
# expect: 42 process-shared-state
import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor


class Scorer:
    def __init__(self):
        self.guard = threading.Lock()

    def score(self, item):
        return sum(i * i for i in range(item))


def main(pool: ProcessPoolExecutor, items, scorer: Scorer):
    pool.submit(lambda: heavy(1))
    pool.submit(heavy, (n for n in items))
    pool.submit(scorer.score, 3)
    pool.submit(heavy, open("x"))
    pool.map(heavy, [BIG[i::2] for i in range(2)])
    pool.map(double, items)
    pool.map(double, items, chunksize=1000)
    pool.submit(heavy, 3)
    pool.map(count, items, chunksize=10)


def heavy(n):
    return sum(i * i for i in range(n))


def double(n):
    return n * 2


def count(n):
    RESULTS.append(n)
    CACHE[n] = n
    for _ in range(n):
        n += 1


BIG = list(range(4_000_000))
RESULTS = []
CACHE = {}

if __name__ == "__main__":
    with multiprocessing.Pool() as workers:
        main(ProcessPoolExecutor(), [1], Scorer())
        print(RESULTS)
