# expect: none
import threading


class Box:
    def __init__(self):
        self.cv = threading.Condition()
        self.items = []

    def get(self):
        with self.cv:
            while not self.items:
                self.cv.wait()
            return self.items.pop()

    def put(self, x):
        with self.cv:
            self.items.append(x)
            self.cv.notify()
