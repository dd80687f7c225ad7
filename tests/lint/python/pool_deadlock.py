# expect: 13 pool-waits-on-itself
# also-ok: 14 create-then-wait
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=2)


def child(n):
    return n + 1


def parent(n):
    return pool.submit(child, n).result()



def main():
    print([f.result() for f in [pool.submit(parent, i) for i in range(10)]])
