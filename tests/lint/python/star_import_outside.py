# expect: 9 blocking-in-coroutine
import asyncio
from os import *
from time import *


async def blink(led):
    led.toggle()
    sleep(0.5)
    await asyncio.sleep(0)


async def remote(client):
    reply = await client.system("uptime")
    return reply
