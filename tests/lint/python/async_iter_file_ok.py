# expect: none
import asyncio


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
    while data := await reader.read(1024):
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()
