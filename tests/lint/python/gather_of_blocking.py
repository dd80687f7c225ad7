# expect: 7 blocking-in-coroutine
import asyncio
import requests


async def fetch(u):
    return requests.get(u).text


async def main():
    await asyncio.gather(fetch("a"), fetch("b"))
