# expect: none
# A class that is a thread as well; what is made in the loop is asked something and never started.
import threading


class Device(threading.Thread):
    def __init__(self, key):
        super().__init__()
        self.key = key

    def fits(self, lock):
        return self.key == lock

    def run(self):
        print(self.key)


def find(keys, lock):
    for key in keys:
        device = Device(key)
        if device.fits(lock):
            return key
    return None
