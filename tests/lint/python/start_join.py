# expect: 13 create-then-wait
# also-ok: 14 create-then-wait
# also-ok: 15 create-then-wait
import threading
import requests


def get(u):
    requests.get(u)


def main(u):
    t = threading.Thread(target=get, args=(u,))
    t.start()
    t.join()
