# expect: 10 lock-across-await
# also-ok: 12 lock-across-await
# also-ok: 13 lock-across-await
import threading

mutex = threading.RLock()


async def bump(store):
    mutex.acquire()
    try:
        n = await store.get("n")
        await store.set("n", n + 1)
    finally:
        mutex.release()
