# expect: 9 blocking-in-coroutine
# expect: 14 blocking-in-coroutine
import time
from time import sleep as pause


async def heartbeat(sensor):
    sensor.ping()
    time.sleep(0.25)


async def retry(action, tries):
    for attempt in range(tries):
        pause(attempt)
        if await action():
            return True
    return False
