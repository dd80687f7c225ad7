# expect: none
import math
from concurrent.futures import ProcessPoolExecutor

PRIMES = [112272535095293] * 100


def is_prime(n):
    if n % 2 == 0:
        return False
    for i in range(3, int(math.sqrt(n)) + 1, 2):
        if n % i == 0:
            return False
    return True


def main():
    with ProcessPoolExecutor() as ex:
        for n, p in zip(PRIMES, ex.map(is_prime, PRIMES, chunksize=10)):
            print(n, p)


if __name__ == "__main__":
    main()
