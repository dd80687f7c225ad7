# expect: 9 file-io-in-async
import aiofiles
import os


async def save(path, data):
    async with aiofiles.open(path, "wb") as f:
        await f.write(data)
    os.replace(path, path + ".bak")
