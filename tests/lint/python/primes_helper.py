# expect: 13 compute-in-async
import math


def is_prime(n):
    for d in range(2, int(math.sqrt(n)) + 1):
        if n % d == 0:
            return False
    return True


async def count(limit):
    return sum(1 for n in range(limit) if is_prime(n))
