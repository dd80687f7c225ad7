# expect: 9 blocking-in-callback
# expect: 15 blocking-in-callback
import asyncio
import socket
import time


def tick():
    time.sleep(1)


class Echo(asyncio.Protocol):
    def data_received(self, data):
        if data == b"who":
            self.answer = socket.gethostbyname("localhost")

    def other(self):
        time.sleep(1)


async def run():
    loop = asyncio.get_running_loop()
    loop.call_later(5, tick)
