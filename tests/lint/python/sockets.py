# expect: 7 blocking-in-coroutine
# expect: 13 blocking-in-coroutine
import socket


async def connect(host, port):
    link = socket.create_connection((host, port))
    return link


async def line(port):
    link = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    link.connect(("localhost", port))
    return link


async def without_blocking(port):
    link = socket.socket()
    link.setblocking(False)
    link.connect(("localhost", port))
    return link
