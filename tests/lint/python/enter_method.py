# expect: 15 blocking-in-coroutine
import time


class Gate:
    def __enter__(self):
        time.sleep(1)
        return self

    def __exit__(self, *a):
        return False


async def guarded():
    with Gate():
        pass
