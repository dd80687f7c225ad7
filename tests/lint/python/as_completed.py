# expect: 10 wait-in-async
# expect: 15 wait-in-async
from concurrent.futures import ThreadPoolExecutor, as_completed, wait

pool = ThreadPoolExecutor(8)


async def gather_all(fn, items):
    futs = [pool.submit(fn, i) for i in items]
    return [f.result() for f in as_completed(futs)]


async def wait_all(fn, items):
    futs = [pool.submit(fn, i) for i in items]
    wait(futs)
