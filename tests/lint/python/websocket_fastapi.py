# expect: 15 blocking-in-coroutine
# also-ok: 14 blocking-in-coroutine
from fastapi import FastAPI, WebSocket
import redis

app = FastAPI()
r = redis.from_url("redis://")


@app.websocket("/ws")
async def ws(sock: WebSocket):
    await sock.accept()
    p = r.pubsub()
    p.subscribe("x")
    for msg in p.listen():
        await sock.send_json(msg)
