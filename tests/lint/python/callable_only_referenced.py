# expect: none
import time


def blocking():
    time.sleep(5)


HANDLERS = {"x": blocking}


async def register(scheduler):
    scheduler.add(blocking)
    scheduler.cron["y"] = blocking
    return HANDLERS
