# expect: 10 wait-in-async
# also-ok: 9 create-then-wait
# also-ok: 11 create-then-wait
import threading


async def crunch(fn):
    t = threading.Thread(target=fn)
    t.start()
    t.join()

