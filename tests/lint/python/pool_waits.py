# expect: 12 pool-waits-on-itself
from concurrent.futures import ThreadPoolExecutor

outer = ThreadPoolExecutor(2)
inner = ThreadPoolExecutor(2)


def leaf(item):
    return item + 1

def parent(item):
    return outer.submit(leaf, item).result()


def other_parent(item):
    return inner.submit(leaf, item).result()


def main(items):
    futures = [outer.submit(parent, item) for item in items]
    futures += [outer.submit(other_parent, item) for item in items]
    return [future.result() for future in futures]
