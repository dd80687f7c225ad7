# expect: 11 dropped-awaitable
import asyncio


async def load():
    await asyncio.sleep(1)
    return 3


async def main():
    value = load()
    print("loaded")
