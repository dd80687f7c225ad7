# expect: 17 wait-in-async
from concurrent.futures import ProcessPoolExecutor

pool = ProcessPoolExecutor()


def heavy(n):
    s = 0
    for i in range(n):
        s += i
    return s


class View:
    async def get(self, n):
        job = pool.submit(heavy, n)
        err = job.exception()
        return err
