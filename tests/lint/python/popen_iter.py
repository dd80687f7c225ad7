# expect: 8 blocking-in-coroutine
# also-ok: 7 blocking-in-coroutine
import subprocess


async def tail(path):
    p = subprocess.Popen(["tail", "-f", path], stdout=subprocess.PIPE, text=True)
    for line in p.stdout:
        print(line)
