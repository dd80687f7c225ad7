# expect: 37 compute-in-threads-gil
import queue
import threading

import requests


class Sieve(threading.Thread):
    def __init__(self, low, high):
        super().__init__()
        self.low, self.high = low, high
        self.found = 0

    def run(self):
        for n in range(self.low, self.high):
            for d in range(2, int(n ** 0.5) + 1):
                if n % d == 0:
                    break
            else:
                self.found += 1


class Checker(threading.Thread):
    def __init__(self, url):
        super().__init__()
        self.url = url

    def run(self):
        text = requests.get(self.url, timeout=3).text
        self.hits = 0
        for i in range(len(text)):
            for j in range(i, len(text)):
                self.hits += text[i] == text[j]


def primes():
    workers = [Sieve(i * 1000, i * 1000 + 1000) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(worker.found for worker in workers)


def check():
    workers = [Checker(url) for url in ("http://a.example.com", "http://b.example.com")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
