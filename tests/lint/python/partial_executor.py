# expect: none
import asyncio
from functools import partial
import subprocess


async def convert(src, dst):
    loop = asyncio.get_event_loop()
    await loop.run_in_executor(None, partial(subprocess.run, ["ffmpeg", "-i", src, dst], check=True))
    await asyncio.to_thread(lambda: subprocess.run(["true"]))
