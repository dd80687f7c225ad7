# expect: none
import aiofiles

open = aiofiles.open


async def rd(p):
    async with open(p) as f:
        return await f.read()
