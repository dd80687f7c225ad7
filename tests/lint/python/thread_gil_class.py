# expect: none
# also-ok: 22 compute-in-threads-gil
# also-ok: 22 thread-per-task
# also-ok: 24 compute-in-threads-gil
import threading


class Sorter(threading.Thread):
    def __init__(self, data):
        super().__init__()
        self.data = data

    def run(self):
        d = self.data
        for i in range(len(d)):
            for j in range(len(d) - 1):
                if d[j] > d[j + 1]:
                    d[j], d[j + 1] = d[j + 1], d[j]


def main(chunks):
    ts = [Sorter(c) for c in chunks]
    for t in ts:
        t.start()
    for t in ts:
        t.join()
