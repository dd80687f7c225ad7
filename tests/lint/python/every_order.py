# expect: 6 compute-in-async
from itertools import permutations


async def shortest(cities, length):
    return min(permutations(cities), key=length)


async def pairs(cities):
    return list(permutations(cities, 2))
