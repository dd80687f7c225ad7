# expect: 12 blocking-under-lock
import threading
import time


class Limiter:
    def __init__(self):
        self.lock = threading.Lock()

    def wait(self):
        with self.lock:
            time.sleep(0.5)
