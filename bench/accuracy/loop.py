"""Four handlers of 0.4 s on one event loop: blocked (a sleep that blocks it) | fixed."""
import asyncio
import sys
import time


async def blocked():
    time.sleep(0.4)


async def fixed():
    await asyncio.sleep(0.4)


async def main(handler):
    await asyncio.gather(*(handler() for _ in range(4)))

if __name__ == "__main__":
    asyncio.run(main(blocked if sys.argv[1] == "blocked" else fixed))
