# expect: 13 unpicklable-process-task
from concurrent.futures import ProcessPoolExecutor


def run(factor, xs):
    def scale(x):
        total = 0
        for i in range(x):
            total += i * factor
        return total

    with ProcessPoolExecutor() as ex:
        return list(ex.map(scale, xs, chunksize=10))


if __name__ == "__main__":
    run(2, [10**6, 10**6])
