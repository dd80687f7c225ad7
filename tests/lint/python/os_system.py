# expect: 9 blocking-in-coroutine
# expect: 10 blocking-in-coroutine
import os
import subprocess as sp


class Cam:
    async def reset(self):
        os.system("modprobe -r uvcvideo")
        sp.run("modprobe uvcvideo", shell=True, check=True)
