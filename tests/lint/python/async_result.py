# expect: 9 wait-in-async
from multiprocessing.pool import Pool, ThreadPool

tp = ThreadPool(4)


async def go(fn, x):
    r = tp.apply_async(fn, (x,))
    return r.get()
