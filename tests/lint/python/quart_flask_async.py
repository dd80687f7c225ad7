# expect: 10 blocking-in-coroutine
import time
from quart import Quart

app = Quart(__name__)


@app.route("/")
async def index():
    time.sleep(2)
    return "ok"


@app.route("/s")
def sync_index():
    time.sleep(2)
    return "ok"
