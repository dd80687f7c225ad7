# expect: none
import asyncio
import threading
import time

SETTINGS = open("settings.ini").read()


async def serve():
    await asyncio.sleep(1)


def blink():
    while True:
        time.sleep(0.5)


def main():
    time.sleep(0.1)
    threading.Thread(target=blink, daemon=True).start()
    asyncio.run(serve())
    time.sleep(0.1)


if __name__ == "__main__":
    main()
