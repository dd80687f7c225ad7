# expect: 21 unbounded-fan-out
import anyio
import httpx
import trio

client = httpx.AsyncClient()


async def notify(user):
    await client.post("https://push.example.com", json={"to": user})


async def limited(user, slots):
    async with slots:
        await notify(user)


async def notify_all(users):
    async with anyio.create_task_group() as group:
        for user in users:
            group.start_soon(notify, user)


async def notify_slowly(users):
    slots = anyio.Semaphore(10)
    async with anyio.create_task_group() as group:
        for user in users:
            group.start_soon(limited, user, slots)


async def three():
    async with trio.open_nursery() as nursery:
        for user in ("ann", "bob", "cy"):
            nursery.start_soon(notify, user)
