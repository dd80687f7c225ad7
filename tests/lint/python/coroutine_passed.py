# expect: none
import asyncio


async def one(x):
    await asyncio.sleep(x)
    return x


async def main():
    c = one(1)
    t = one(2)
    print(await c, await asyncio.wait_for(t, 3))
    coros = [one(i) for i in (1, 2)]
    coros.append(one(3))
    for r in asyncio.as_completed(coros):
        print(await r)
    return one(4)


def schedule(loop):
    return loop.create_task(one(1))
