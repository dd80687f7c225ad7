# expect: 10 wait-in-async
import queue


class Worker:
    def __init__(self):
        self.inbox = queue.Queue()

    async def next(self):
        return self.inbox.get()
