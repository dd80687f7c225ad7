# expect: 10 blocking-in-coroutine
import requests
from sanic import Sanic, response

app = Sanic("x")


@app.route("/q")
async def q(request):
    r = requests.get("http://localhost")
    return response.json(r.json())
