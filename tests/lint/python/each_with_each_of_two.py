# expect: 16 compute-in-async
def overlap(a, b):
    score = 0
    for x in a:
        for y in b:
            if x == y:
                score += 1
    return score


def nearby(a, b):
    return overlap(a, b)


async def rank(query, documents):
    return max(overlap(query, one) for one in documents)


async def far_from_it(query, other):
    return nearby(query, other)


async def sizes(groups):
    total = 0
    for group in groups:
        for item in group:
            total += item.size
    return total
