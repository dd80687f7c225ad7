# expect: 9 blocking-in-coroutine
try:
    import httpx as http
except ImportError:
    import requests as http


async def f(u):
    return http.get(u)
