# expect: 14 blocking-in-coroutine
import time


class Waiter:
    def __call__(self, n):
        time.sleep(n)


wait = Waiter()


async def go():
    wait(3)
