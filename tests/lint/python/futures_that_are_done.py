# expect: 28 wait-in-async, 36 wait-in-async
import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(4)


async def after_the_loop(job, progress):
    future = pool.submit(job)
    while not future.done():
        await progress()
    return future.result()


async def after_the_question(job):
    future = pool.submit(job)
    if not future.done():
        return None
    return future.result()


async def after_a_loop_that_may_give_up(job, progress):
    future = pool.submit(job)
    while not future.done():
        if await progress():
            break
    return future.result()


async def after_another_one(job, progress):
    first = pool.submit(job)
    second = pool.submit(job)
    while not first.done():
        await progress()
    return second.result()
