# expect: none
async def render(items):
    total = 0
    for i, item in enumerate(items):
        total += item["price"] * item["n"]
    lines = [f"{i}: {x}" for i, x in enumerate(items)]
    return {"total": total, "text": "\n".join(lines)}
