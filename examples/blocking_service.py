#!/usr/bin/env python3
"""An asyncio service under load from eight clients; one of its two handlers blocks the loop.

concadvise profile -- python3 examples/blocking_service.py
  The loop's own thread sleeps in load_report: while it does, nobody is served.
  Advice: unblock-loop; async stays, the call moves to asyncio.to_thread or becomes await asyncio.sleep.
concadvise lint examples/blocking_service.py
  blocking-in-coroutine: handle_report reaches time.sleep through load_report.
"""
import asyncio
import time

CLIENTS = 8
REQUESTS = 5


def load_report():
    """Stands for a blocking database driver."""
    time.sleep(0.05)
    return b"report\n"


async def handle_report():
    return load_report()


async def handle_ping():
    await asyncio.sleep(0.01)
    return b"pong\n"


async def serve(reader, writer):
    while line := await reader.readline():
        writer.write(await (handle_report() if line == b"report\n" else handle_ping()))
        await writer.drain()
    writer.close()


async def client(port, question):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(REQUESTS):
        writer.write(question)
        await writer.drain()
        await reader.readline()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(*(client(port, b"report\n" if n % 2 else b"ping\n") for n in range(CLIENTS)))
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
