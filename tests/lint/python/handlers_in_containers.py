# expect: 26 blocking-in-coroutine, 29 blocking-in-coroutine, 34 blocking-in-coroutine, 54 blocking-in-coroutine
import asyncio
import time
from collections import defaultdict


def slow(message):
    time.sleep(1)
    return message


class Bus:
    def __init__(self):
        self.handlers = []
        self.table = {}
        self.other = []

    def subscribe(self, handler):
        self.handlers.append(handler)

    def on(self, name, handler):
        self.table[name] = handler

    async def emit(self, message):
        for handler in self.handlers:
            handler(message)

    async def emit_one(self, name, message):
        self.table[name](message)

    async def emit_if(self, name, message):
        handler = self.table.get(name)
        if handler:
            handler(message)

    async def emit_elsewhere(self, message):
        for handler in self.handlers:
            await asyncio.to_thread(handler, message)

    async def emit_to_nobody(self, message):
        for handler in self.other:
            handler(message)


bus = Bus()
bus.subscribe(slow)
bus.on("slow", slow)

listeners = defaultdict(list)
listeners["slow"].append(slow)


async def fire(name, message):
    return [listener(message) for listener in listeners[name]]
