# expect: 8 lock-across-await
import threading

sem = threading.Semaphore(3)


async def limited(c):
    with sem:
        return await c.get("x")
