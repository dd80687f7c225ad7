# expect: 13 wait-in-async
import threading


class Job(threading.Thread):
    def run(self):
        pass


async def go():
    j = Job()
    j.start()
    j.join()
