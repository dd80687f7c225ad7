# expect: 8 blocking-in-coroutine
# expect: 10 blocking-in-coroutine
# also-ok: 9 blocking-in-coroutine
import socket


async def whois(name):
    with socket.create_connection(("whois.iana.org", 43)) as s:
        s.sendall(name.encode() + b"\r\n")
        return s.recv(4096)
