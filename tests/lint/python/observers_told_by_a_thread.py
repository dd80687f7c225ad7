# expect: none
import threading


class Items:
    def __init__(self):
        self.told = []

    def on_deleted(self, callback):
        self.told.append(callback)

    def delete(self, name):
        for callback in self.told:
            callback(name)


class Cache:
    def __init__(self, items: Items):
        self.lock = threading.Lock()
        self.entries = {}
        items.on_deleted(self.forget)

    def forget(self, name):
        with self.lock:
            for key in list(self.entries):
                if name in key:
                    del self.entries[key]


def start(items: Items, names):
    Cache(items)
    threading.Thread(target=run, args=(items, names)).start()


def run(items: Items, names):
    for name in names:
        items.delete(name)
