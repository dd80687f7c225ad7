# expect: 9 blocking-in-coroutine
from time import sleep as pause, monotonic


class Poller:
    async def run(self):
        start = monotonic()
        while monotonic() - start < 10:
            pause(0.5)
