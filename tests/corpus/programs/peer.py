#!/usr/bin/env python3
"""peer.py ROLE ARGUMENT...: the other side of a corpus program, outside the measured tree. Loopback only.

  slow-tcp DELAY        answers each line, or an HTTP GET, after DELAY seconds; prints `ready PORT`
  slow-udp DELAY        the same for packets
  slow-unix PATH DELAY  the same on a local socket
  slow-reader           reads 64 KiB each 50 ms
  fifo PATH INTERVAL    writes a line each INTERVAL seconds
  ask PORT COUNT        COUNT connections, each asks again as soon as it is answered
  silent PORT COUNT     COUNT connections that say nothing
Ends when its standard input ends, so that it can't outlive the runner.
"""
import asyncio
import os
import sys


def ready(where):
    print("ready", where, flush=True)


def port_of(server):
    return server.sockets[0].getsockname()[1]


def answering(delay):
    async def serve(reader, writer):
        try:
            while line := await reader.readline():
                http = line.startswith(b"GET ")
                while http and (await reader.readline()).strip():
                    pass
                await asyncio.sleep(delay)
                writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\nanswer\n" if http else b"answer\n")
                await writer.drain()
                if http:
                    break
        except ConnectionError:
            pass
        writer.close()

    return serve


async def slow_tcp(delay):
    ready(port_of(await asyncio.start_server(answering(float(delay)), "127.0.0.1", 0)))


async def slow_unix(path, delay):
    await asyncio.start_unix_server(answering(float(delay)), path)
    os.chmod(path, 0o777)
    ready(0)


class SlowPackets(asyncio.DatagramProtocol):
    def __init__(self, delay):
        self.delay = delay

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        asyncio.get_running_loop().call_later(self.delay, self.transport.sendto, b"answer\n", address)


async def slow_udp(delay):
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: SlowPackets(float(delay)), ("127.0.0.1", 0))
    ready(transport.get_extra_info("sockname")[1])


async def slow_reader():
    async def serve(reader, writer):
        while await reader.read(65536):
            await asyncio.sleep(0.05)

    ready(port_of(await asyncio.start_server(serve, "127.0.0.1", 0, limit=65536)))


async def fifo(path, interval):
    os.mkfifo(path)
    os.chmod(path, 0o644)
    ready(0)
    loop = asyncio.get_running_loop()
    out = await loop.run_in_executor(None, lambda: open(path, "wb", buffering=0))
    while True:
        await asyncio.sleep(float(interval))
        out.write(b"line\n")


async def ask(port, count):
    async def one():
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        while True:
            writer.write(b"question\n")
            if not await reader.readline():
                return

    ready(0)
    await asyncio.gather(*(one() for _ in range(int(count))), return_exceptions=True)


async def silent(port, count):
    connections = [await asyncio.open_connection("127.0.0.1", int(port)) for _ in range(int(count))]
    ready(0)
    await connections[0][0].read()


async def main(role, *arguments):
    roles = {f.__name__.replace("_", "-"): f for f in (slow_tcp, slow_udp, slow_unix, slow_reader, fifo, ask, silent)}
    work = asyncio.ensure_future(roles[role](*arguments))
    work.add_done_callback(lambda done: None if done.cancelled() or not done.exception() else os._exit(1))
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
