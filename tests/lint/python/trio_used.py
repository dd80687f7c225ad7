# expect: 7 blocking-in-coroutine
import time
import trio


async def child():
    time.sleep(1)


async def main():
    async with trio.open_nursery() as n:
        n.start_soon(child)


trio.run(main)
