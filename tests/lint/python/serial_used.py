# expect: 10 blocking-in-coroutine
import serial


class Meter:
    def __init__(self, port):
        self.dev = serial.Serial(port, 9600)

    async def read(self):
        return self.dev.readline()
