# expect: 10 wait-in-async
from concurrent.futures import ThreadPoolExecutor


class S:
    def __init__(self):
        self.ex = ThreadPoolExecutor(2)

    async def close(self):
        self.ex.shutdown(wait=True)

    async def close_fast(self):
        self.ex.shutdown(wait=False)
