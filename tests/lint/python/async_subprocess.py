# expect: none
import asyncio


async def rev():
    p = await asyncio.create_subprocess_exec("git", "rev-parse", "HEAD", stdout=asyncio.subprocess.PIPE)
    out, _ = await p.communicate()
    await p.wait()
    async for line in p.stdout:
        print(line)
    return out
