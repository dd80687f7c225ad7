# expect: 7 blocking-in-callback
import asyncio
import time


def on_timer(state):
    time.sleep(0.3)
    state["n"] += 1


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(1, on_timer, {"n": 0})
    await asyncio.sleep(5)
