# expect: 4 blocking-in-coroutine
async def chat(ws):
    while True:
        await ws.send(input("> "))
