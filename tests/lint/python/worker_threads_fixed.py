# expect: none
import queue
import threading
import requests

q = queue.Queue()


def worker():
    while True:
        url = q.get()
        if url is None:
            break
        requests.get(url)
        q.task_done()


threads = [threading.Thread(target=worker) for _ in range(8)]
for t in threads:
    t.start()
q.join()
for t in threads:
    t.join()
