# expect: 14 pool-per-call
# expect: 19 pool-per-call
import asyncio
import aiohttp
import requests
from concurrent.futures import ThreadPoolExecutor
from flask import Flask

app = Flask(__name__)


@app.get("/all")
def everything():
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda url: requests.get(url, timeout=3).text, ["http://a", "http://b"]))


async def status(url):
    async with aiohttp.ClientSession() as session:
        async with session.head(url) as answer:
            return answer.status


async def statuses(urls):
    return await asyncio.gather(*map(status, urls))


async def one_session(url):
    async with aiohttp.ClientSession() as session:
        async with session.head(url) as answer:
            return answer.status


async def main():
    print(await one_session("http://a"))


asyncio.run(main())
