# expect: 29 blocking-under-lock
# A context manager that takes the lock by hand holds it in the block; one that may not have got it does not.
import threading
from contextlib import contextmanager

import requests


class Cache:
    def __init__(self):
        self.guard = threading.Lock()
        self.pages = {}

    @contextmanager
    def alone(self):
        self.guard.acquire()
        try:
            yield
        finally:
            self.guard.release()

    @contextmanager
    def if_free(self):
        got = self.guard.acquire(blocking=False)
        yield got

    def load(self, url):
        with self.alone():
            self.pages[url] = requests.get(url)

    def refresh(self, url):
        with self.if_free():
            self.pages[url] = requests.get(url)
