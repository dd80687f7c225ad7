# expect: 9 lock-across-await
import asyncio
import threading

lock = threading.Lock()


async def worker(name, q):
    lock.acquire()
    await q.put(name)
    lock.release()
