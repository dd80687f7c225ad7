# expect: 15 sleep-polling
import queue
import time


class Writer:
    def __init__(self):
        self.queue = queue.Queue()

    def run(self, file):
        while True:
            if self.queue.empty():
                if self.stopped:
                    return
                time.sleep(0.1)
                continue
            file.write(self.queue.get())
