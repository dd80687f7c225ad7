# expect: none
import asyncio
import threading


async def main():
    await asyncio.sleep(1)


def start():
    t = threading.Thread(target=lambda: asyncio.run(main()))
    t.start()
    return t


def start2():
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    fut = asyncio.run_coroutine_threadsafe(main(), loop)
    return fut.result()
