# expect: 17 create-then-wait
# expect: 23 create-then-wait
# expect: 29 sleep-polling
# expect: 35 blocking-under-lock
# expect: 39 serialized-pool
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

guard = threading.Lock()
total = 0


def detour(work):
    worker = threading.Thread(target=work)
    worker.start()
    worker.join()


def detour_through(pool: ThreadPoolExecutor, work):
    return pool.submit(work).result()


class Station:
    def wait_ready(self):
        while not self.ready:
            time.sleep(0.1)
        return self.value

    def refresh(self, url):
        self.ready = False
        with guard:
            self.value = requests.get(url).json()
        self.ready = True
def everything_locked(item):
    global total
    with guard:
        value = item * 2
        value += item
        total += value


def run(items):
    with ThreadPoolExecutor() as pool:
        list(pool.map(everything_locked, items))


def worker(stop):
    while not stop.is_set():
        time.sleep(0.5)


def start():
    stop = threading.Event()
    blinker = threading.Thread(target=worker, args=(stop,))
    blinker.start()
    run([1, 2])
    blinker.join()


def retry(url):
    while True:
        answer = requests.get(url)
        if answer.ok:
            return answer
        time.sleep(1)


def together(work):
    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
