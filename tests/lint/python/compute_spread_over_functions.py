# expect: 27 compute-in-threads-gil
# expect: 33 compute-in-threads-gil
# The nest of loops stands in two functions; a pool's map is a loop as well.
import threading
from concurrent.futures import ThreadPoolExecutor


def distance(a, b):
    total = 0.0
    for x, y in zip(a, b):
        total += (x - y) * (x - y)
    return total


class Nearest:
    def __init__(self, points):
        self.points = points
        self.found = {}

    def part(self, points):
        for point in points:
            self.found[point] = min(distance(point, other) for other in self.points)

    def all(self, parts):
        threads = []
        for part in parts[:4]:
            thread = threading.Thread(target=self.part, args=(part,))
            thread.start()
            threads.append(thread)
        return threads

    def lengths(self, pool: ThreadPoolExecutor):
        return list(pool.map(norm, self.points))


def norm(point):
    return sum(x * x + 1 for x in point) ** 0.5
