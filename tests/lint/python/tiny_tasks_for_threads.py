# expect: 9 tiny-tasks
# also-ok: 9 serial-await
# expect: 13 tiny-tasks
import asyncio
from concurrent.futures import ThreadPoolExecutor


async def lengths(texts):
    return [await asyncio.to_thread(len, text) for text in texts]


def upper(pool: ThreadPoolExecutor, words):
    return list(pool.map(str.upper, words))


async def once(text):
    return await asyncio.to_thread(len, text)
