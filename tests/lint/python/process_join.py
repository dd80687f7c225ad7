# expect: 14 wait-in-async
# also-ok: 13 create-then-wait
# also-ok: 15 create-then-wait
from multiprocessing import Process


def child():
    return sum(i * i for i in range(10**7))


async def run_child():
    p = Process(target=child)
    p.start()
    p.join()

