# expect: 8 wait-in-async
import threading

ready = threading.Event()


async def wait_ready():
    ready.wait()
