# expect: 13 blocking-in-coroutine
# also-ok: 12 blocking-in-coroutine
import socket


class Probe:
    def __init__(self, host):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.host = host

    async def ask(self, msg):
        self.sock.sendto(msg, (self.host, 53))
        data, _ = self.sock.recvfrom(512)
        return data
