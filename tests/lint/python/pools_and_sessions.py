# expect: 19 pool-per-call
# expect: 32 pool-per-call
# expect: 37 pool-per-call
import asyncio
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import aiohttp
from fastapi import FastAPI

app = FastAPI()
SHARED = ThreadPoolExecutor()


def render(page):
    return sum(i * i for i in range(page))


async def fetch(url):
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as answer:
            return await answer.text()


async def everything(urls):
    limit = asyncio.Semaphore(10)
    async with limit:
        return [await fetch(url) for url in urls]


@app.get("/report")
async def report(page: int):
    with ProcessPoolExecutor() as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, render, page)

def batches(groups):
    for group in groups:
        with ThreadPoolExecutor() as pool:
            pool.map(print, group)


async def main(urls):
    async with aiohttp.ClientSession() as session:
        return await asyncio.gather(*(session.get(u) for u in urls[:5]))
