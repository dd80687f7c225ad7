# expect: 15 wait-in-async
from concurrent.futures import ProcessPoolExecutor

pool = ProcessPoolExecutor()


def square(n):
    t = 0
    for i in range(n):
        t += i * i
    return t


async def totals(ns):
    return sum(pool.map(square, ns, chunksize=4))
