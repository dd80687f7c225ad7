# expect: 17 compute-in-threads-gil
# also-ok: 18 unbounded-fan-out
import asyncio


def levenshtein(a, b):
    prev = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        cur = [i]
        for j, cb in enumerate(b, 1):
            cur.append(min(prev[j] + 1, cur[-1] + 1, prev[j - 1] + (ca != cb)))
        prev = cur
    return prev[-1]


async def main(pairs):
    return await asyncio.gather(*(asyncio.to_thread(levenshtein, a, b) for a, b in pairs))

