# expect: 11 compute-in-async
def score(n):
    total = 0
    for i in range(n):
        for j in range(n):
            total += i ^ j
    return total


async def route(n: int):
    return {"score": score(n)}
