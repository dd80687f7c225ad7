# expect: none
import asyncio


def log_result(task):
    if not task.cancelled() and task.exception():
        print(task.result())


async def main():
    t = asyncio.create_task(asyncio.sleep(1))
    t.add_done_callback(log_result)
    await t
