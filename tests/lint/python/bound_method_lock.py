# expect: 18 unpicklable-process-task
import threading
from concurrent.futures import ProcessPoolExecutor


class Cruncher:
    def __init__(self):
        self._lock = threading.Lock()

    def one(self, n):
        t = 0
        for i in range(n):
            t += i
        return t

    def all(self, ns):
        with ProcessPoolExecutor() as ex:
            return list(ex.map(self.one, ns))
