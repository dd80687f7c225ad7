# expect: 8 blocking-in-coroutine
import time

sleep = time.sleep


async def f():
    sleep(1)
