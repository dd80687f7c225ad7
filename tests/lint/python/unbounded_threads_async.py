# expect: 12 thread-per-task
import threading
import time


def work(i):
    time.sleep(i)


def main(items):
    for i in items:
        threading.Thread(target=work, args=(i,), daemon=True).start()
