"""A loopback server for the programs that talk to one: server.py [AT_ONCE] answers GET /SECONDS after so many seconds, AT_ONCE requests at a
time (default: all). Prints its port. One thread, so that it takes little CPU from what is measured."""
import asyncio
import sys


async def answer(reader, writer, limit):
    while line := await reader.readline():
        keep = b"HTTP/1.1" in line
        while (await reader.readline()).strip():
            pass
        async with limit:
            await asyncio.sleep(float(line.split()[1].strip(b"/") or 0))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        if not keep:
            break
    writer.close()


async def main(at_once):
    limit = asyncio.Semaphore(at_once)
    server = await asyncio.start_server(lambda reader, writer: answer(reader, writer, limit), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
