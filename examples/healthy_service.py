#!/usr/bin/env python3
"""An asyncio service as it should be, under load from a hundred clients: it awaits its backend and computes little.

concadvise profile -- python3 examples/healthy_service.py
  The loop is never blocked and mostly waits for its clients: keep it, and measure it under more load.
"""
import asyncio

CLIENTS = 100
REQUESTS = 60


async def ask_backend():
    """Stands for an asynchronous database driver."""
    await asyncio.sleep(0.05)
    return b"answer\n"


async def serve(reader, writer):
    while await reader.readline():
        writer.write(await ask_backend())
        await writer.drain()
    writer.close()


async def client(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(REQUESTS):
        writer.write(b"question\n")
        await reader.readline()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.gather(*(client(port) for _ in range(CLIENTS)))
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
