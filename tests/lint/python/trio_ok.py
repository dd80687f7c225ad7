# expect: none
import trio


async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.sleep, 1)
    await trio.to_thread.run_sync(input, "name? ")
    async with await trio.open_file("x") as f:
        print(await f.read())
