# expect: none
import multiprocessing


def heavy(n):
    return sum(i * i for i in range(n))


multiprocessing.set_start_method("fork")
with multiprocessing.Pool(2) as pool:
    print(pool.map(heavy, [10_000] * 4))
