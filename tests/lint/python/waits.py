# expect: 12 wait-in-async
# expect: 18 wait-in-async
# expect: 22 wait-in-async
# expect: 30 sync-over-async
import asyncio
import queue
import threading


async def next_job(jobs: queue.Queue):
    jobs.put(None)
    return jobs.get()


async def stop(worker: threading.Thread, done: threading.Event):
    if done.wait(timeout=0):
        return
    worker.join()


async def settled(future, loop):
    return asyncio.run_coroutine_threadsafe(future, loop).result()


async def answer():
    return 42


async def nested():
    return asyncio.run(answer())


async def awaited(jobs: asyncio.Queue, done: asyncio.Event):
    await done.wait()
    return await jobs.get()
