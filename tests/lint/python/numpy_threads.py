# expect: none
import numpy as np
from concurrent.futures import ThreadPoolExecutor


def mul(pair):
    a, b = pair
    return np.matmul(a, b)


def main():
    pairs = [(np.random.rand(500, 500), np.random.rand(500, 500)) for _ in range(8)]
    with ThreadPoolExecutor(4) as ex:
        return list(ex.map(mul, pairs))


main()
