# expect: 17 large-task-arguments
import numpy as np
from multiprocessing import Pool


def f(a):
    arr, k = a
    t = 0
    for v in arr.ravel():
        t += v * k
    return t


if __name__ == "__main__":
    data = np.zeros((4000, 4000))
    with Pool() as p:
        p.map(f, [(data, k) for k in range(100)])
