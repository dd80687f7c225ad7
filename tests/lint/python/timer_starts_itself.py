# expect: 12 sleep-polling
# A timer that looks again is a loop that polls; one that does something each time is a clock.
import asyncio


class Session:
    def __init__(self, loop: asyncio.AbstractEventLoop):
        self.loop = loop

    def flush(self):
        if not self.connected:
            self.loop.call_later(0.1, self.flush)
            return
        self.transport.write(b"x")

    def beat(self):
        self.transport.write(b"alive")
        if self.connected:
            self.loop.call_later(10, self.beat)
