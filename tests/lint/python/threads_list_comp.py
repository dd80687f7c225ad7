# expect: 7 thread-per-task
import threading
import urllib.request


def main(urls):
    ts = [threading.Thread(target=urllib.request.urlopen, args=(u,)) for u in urls]
    [t.start() for t in ts]
    [t.join() for t in ts]
