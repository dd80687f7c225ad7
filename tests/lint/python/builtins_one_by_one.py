# expect: 9 tiny-tasks, 14 tiny-tasks
import math
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool


def sizes(numbers):
    with Pool() as pool:
        return list(pool.imap(abs, numbers))


def roots(numbers):
    with ProcessPoolExecutor() as pool:
        return list(pool.map(math.sqrt, numbers))


def chunked(numbers):
    with Pool() as pool:
        return pool.map(abs, numbers), list(pool.imap(abs, numbers, chunksize=1000))
