# expect: 21 pool-waits-on-itself
# also-ok: 13 create-then-wait
# The task gives work to its own pool through a method that hands the future back.
from concurrent.futures import ThreadPoolExecutor


class Tree:
    def __init__(self):
        self.pool = ThreadPoolExecutor(4)
        self.other = ThreadPoolExecutor(4)

    def start(self, node):
        return self.pool.submit(self.size, node).result()

    def later(self, node):
        return self.pool.submit(self.size, node)

    def size(self, node):
        futures = [self.later(child) for child in node.children]
        first = self.later(node.first)
        return first.result() + len(futures)

    def elsewhere(self, node):
        return self.other.submit(len, node)

    def count(self, node):
        future = self.elsewhere(node)
        return future.result()
