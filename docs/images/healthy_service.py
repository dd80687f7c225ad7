#!/usr/bin/env python3
"""An asyncio service as it should be: for each question of its clients it awaits an answer of its backend.

Usage: healthy_service.py BACKEND_PORT
"""
import asyncio
import sys


async def serve(reader, writer):
    backend_reader, backend_writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))
    while question := await reader.readline():
        backend_writer.write(question)
        writer.write(await backend_reader.read(65536))
        await writer.drain()
    writer.close()
    backend_writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(main())
