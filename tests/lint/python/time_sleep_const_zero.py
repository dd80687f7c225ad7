# expect: none
import time


async def y():
    time.sleep(0)
