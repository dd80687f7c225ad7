# expect: none
async def fmt(rows):
    out = []
    for r in rows:
        out.append(", ".join(str(v) for v in r.values()))
    total = sum(r["n"] for r in rows)
    return out, total, sorted(out)


async def small():
    t = 0
    for i in range(10):
        for j in range(10):
            t += i * j
    return t
