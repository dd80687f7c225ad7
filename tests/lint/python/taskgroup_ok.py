# expect: none
import asyncio


async def w():
    await asyncio.sleep(1)


async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(w())
        for _ in range(3):
            tg.create_task(w())
