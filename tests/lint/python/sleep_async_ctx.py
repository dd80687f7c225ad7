# expect: 13 blocking-in-coroutine
# expect: 19 blocking-in-coroutine
import time
from contextlib import asynccontextmanager


@asynccontextmanager
async def throttled(client):
    await client.open()
    try:
        yield client
    finally:
        time.sleep(0.2)
        await client.close()


class Conn:
    async def __aenter__(self):
        time.sleep(1)
        return self

    async def __aexit__(self, *exc):
        pass
