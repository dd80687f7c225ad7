# expect: 17 dropped-awaitable, 22 dropped-awaitable, 23 dropped-awaitable
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor


async def refresh():
    await asyncio.sleep(1)


def refresh_now():
    asyncio.run(refresh())


def start():
    threading.Thread(target=refresh_now).start()
    threading.Thread(target=refresh).start()


async def later(pool: ThreadPoolExecutor):
    loop = asyncio.get_running_loop()
    loop.call_later(5, refresh)
    await loop.run_in_executor(pool, refresh)
    loop.call_soon(loop.create_task, refresh())
