# expect: 11 pool-waits-on-itself
from concurrent.futures import ThreadPoolExecutor


class Tree:
    def __init__(self):
        self.ex = ThreadPoolExecutor(4)

    def size(self, node):
        futs = [self.ex.submit(self.size, c) for c in node.children]
        return 1 + sum(f.result() for f in futs)
