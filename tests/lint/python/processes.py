# expect: 8 blocking-in-coroutine
# expect: 12 blocking-in-coroutine
import os
import subprocess


async def version():
    return subprocess.check_output(["git", "--version"], text=True)


async def reload():
    os.system("nginx -s reload")


async def started():
    return subprocess.Popen(["sleep", "1"]).pid
