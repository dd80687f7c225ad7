# expect: 12 dropped-awaitable
# expect: 13 dropped-awaitable
# expect: 14 dropped-awaitable
# expect: 15 dropped-awaitable
async def tick(n):
    return n


class Service:
    async def all(self, items):
        await tick(0)
        tick(1) if items else None
        items and tick(2)
        [tick(n) for n in items]
        _ = tick(3)

    async def kept(self, items):
        one = tick(1) if items else None
        several = [tick(n) for n in items]
        if one:
            await one
        for each in several:
            await each
        await tick(4) if items else None
        [await tick(n) for n in items]
        items and await tick(5)
