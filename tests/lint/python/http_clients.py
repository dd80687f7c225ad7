# expect: 13 blocking-in-coroutine
# expect: 18 blocking-in-coroutine
# expect: 22 blocking-in-coroutine
# expect: 27 blocking-in-coroutine
import http.client
import urllib.request

import httpx
import requests


async def weather(city):
    with urllib.request.urlopen(f"https://weather.example/{city}") as answer:
        return answer.read()


async def news():
    return httpx.get("https://news.example/").json()


async def stock(symbol, client: httpx.Client):
    return client.get(f"/{symbol}").json()


async def exchange(host):
    connection = http.client.HTTPSConnection(host)
    connection.request("GET", "/rates")
    return connection


async def fine(client: httpx.AsyncClient, session: requests.Session | None):
    return await client.get("https://news.example/")
