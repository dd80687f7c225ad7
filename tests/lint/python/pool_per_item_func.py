# expect: 13 pool-per-call
from multiprocessing import Pool


def work(n):
    t = 0
    for i in range(n):
        t += i
    return t


def handle(batch):
    with Pool(4) as p:
        return p.map(work, batch)


def main(batches):
    for b in batches:
        print(handle(b))


if __name__ == "__main__":
    main([[10**6] * 4] * 10)
