# expect: 9 blocking-in-coroutine
import time
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route


async def home(request):
    time.sleep(1)
    return JSONResponse({})


def sync_home(request):
    time.sleep(1)
    return JSONResponse({})


app = Starlette(routes=[Route("/", home), Route("/s", sync_home)])
