# expect: 13 blocking-in-coroutine
import subprocess


class Player:
    proc: subprocess.Popen

    def start(self):
        self.proc = subprocess.Popen(["mpv", "x"])

    async def stop(self):
        self.proc.terminate()
        self.proc.wait()
