# expect: 6 blocking-in-coroutine
import subprocess


async def rev():
    out = subprocess.check_output(["git", "rev-parse", "HEAD"])
    return out.decode().strip()
