# expect: 6 compute-in-async
# also-ok: 5 compute-in-async
async def distances(points):
    out = []
    for a in points:
        for b in points:
            out.append(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)
    return out
