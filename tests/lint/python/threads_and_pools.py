# expect: 19 thread-per-task
# expect: 27 thread-per-task
# expect: 43 io-in-compute-pool
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import requests


def fetch(url):
    return requests.get(url).text


def everyone(urls):
    threads = []
    for url in urls:
        thread = threading.Thread(target=fetch, args=(url,))
        threads.append(thread)
        thread.start()


def serve(listener):
    while True:
        link, _ = listener.accept()
        threading.Thread(target=link.close).start()


def workers(work):
    for _ in range(os.cpu_count()):
        threading.Thread(target=work, daemon=True).start()
    for _ in range(4):
        multiprocessing.Process(target=work).start()


def count(path):
    return sum(len(line) * 3 for line in open(path))


def main(urls, paths):
    with ProcessPoolExecutor() as pool:
        pages = list(pool.map(fetch, urls, chunksize=8))
        sizes = list(pool.map(count, paths, chunksize=8))
    with ThreadPoolExecutor() as pool:
        more = list(pool.map(fetch, urls))
    return pages, sizes, more
