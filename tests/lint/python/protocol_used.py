# expect: 11 blocking-in-callback
import asyncio
import time


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        time.sleep(0.05)
        self.transport.write(data)
