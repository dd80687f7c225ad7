# expect: 7 wait-in-async
import multiprocessing as mp


async def drain(q: mp.Queue):
    while True:
        item = q.get()
        await handle(item)


async def handle(i):
    return i
