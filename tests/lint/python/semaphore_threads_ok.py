# expect: none
import threading
import requests

sem = threading.BoundedSemaphore(5)


def get(u):
    with sem:
        return requests.get(u)
