# expect: 21 compute-in-async, 50 compute-in-async
from sanic import Sanic, json

app = Sanic("texts")


def distance(a, b):
    before = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        now = [i]
        for j, right in enumerate(b, 1):
            now.append(min(before[j] + 1, now[-1] + 1, before[j - 1] + (left != right)))
        before = now
    return before[-1]


@app.post("/distance")
async def compare(request):
    a = request.json["a"]
    b = request.json["b"]
    return json({"distance": distance(a, b)})


def cells(rows):
    total = 0
    for row in rows:
        for cell in row:
            total += cell
        names = row[1:]
        for name in names:
            total += len(name)
    return total


@app.post("/sum")
async def add_up(request):
    return json({"sum": cells(request.json["rows"])})


def match(ours, theirs):
    best = 0
    for a in ours:
        for b in theirs:
            best = max(best, len(a) * 2 - len(b))
    return best


@app.post("/match")
async def matched(request):
    return json({"best": match(request.json["a"], request.json["b"])})
