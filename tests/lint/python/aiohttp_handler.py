# expect: 11 blocking-in-coroutine
# expect: 17 blocking-in-coroutine
import requests
from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/proxy")
async def proxy(request: web.Request) -> web.Response:
    r = requests.request("GET", request.query["url"])
    return web.Response(text=r.text)


class View(web.View):
    async def get(self):
        return web.Response(text=requests.get("http://a").text)
