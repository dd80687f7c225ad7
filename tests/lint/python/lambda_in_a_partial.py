# expect: 21 unpicklable-process-task
from functools import partial
from multiprocessing import Pool
from multiprocessing.pool import ThreadPool


def work(scale, f, x):
    total = 0
    for i in range(x * 100_000):
        total += f(i) * scale
    return total


def double(v):
    return 2 * v


def main(xs):
    square = lambda v: v * v
    with Pool(4) as pool:
        pool.map(partial(work, 3, square), xs, 10)
    with Pool(4) as pool:
        pool.map(partial(work, 3, double), xs, 10)
    with ThreadPool(4) as pool:
        return pool.map(partial(double, square), xs)


if __name__ == "__main__":
    main([1, 2, 3])
