# expect: 11 process-shared-state
from multiprocessing import Pool

results = {}


def work(n):
    t = 0
    for i in range(n):
        t += i
    results[n] = t


if __name__ == "__main__":
    with Pool() as p:
        p.map(work, [10**6, 10**6 + 1])
    print(results)
