# expect: none
import threading
import time
import requests


class Poller(threading.Thread):
    def __init__(self, url):
        super().__init__(daemon=True)
        self.url = url
        self.stop = threading.Event()

    def run(self):
        while not self.stop.wait(5):
            requests.get(self.url)
            time.sleep(1)


async def main():
    p = Poller("http://x")
    p.start()
    p.stop.set()
