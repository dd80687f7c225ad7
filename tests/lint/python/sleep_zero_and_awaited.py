# expect: none
import asyncio
import time
from asyncio import sleep


async def give_way():
    time.sleep(0)
    await sleep(1)
    await asyncio.sleep(0.5)
