# expect: none
# What looks like a mistake and is none.
import asyncio
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI

app = FastAPI()


@pytest.mark.asyncio
async def test_slow():
    time.sleep(0.1)


class Slow(unittest.IsolatedAsyncioTestCase):
    async def test_it(self):
        time.sleep(0.1)


@app.on_event("startup")
async def warm_up():
    app.state.words = open("words.txt").read()


async def fetch(client: httpx.AsyncClient, url):
    return await client.get(url)


async def in_chunks(client, urls):
    for start in range(0, len(urls), 50):
        await asyncio.gather(*(fetch(client, u) for u in urls[start : start + 50]))
    await asyncio.gather(*(fetch(client, u) for u in urls[:10]))


async def paced(client: httpx.AsyncClient, urls, limiter):
    out = []
    for url in urls:
        async with limiter:
            out.append(await client.get(url))
    return out


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def free_threaded():
    if not sys._is_gil_enabled():
        with ThreadPoolExecutor() as pool:
            return list(pool.map(fib, [30, 31]))
    return [fib(30)]
