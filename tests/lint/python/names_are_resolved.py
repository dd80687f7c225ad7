# expect: none
import asyncio


class requests:
    @staticmethod
    def get(url):
        return url


class Clock:
    def sleep(self, seconds):
        return seconds


def open(path):
    return path


async def run(time, subprocess):
    clock = Clock()
    clock.sleep(1)
    time.sleep(1)
    subprocess.run(["ls"])
    requests.get("https://example.com")
    return open("x")


async def text():
    await asyncio.sleep(0)
    return "time.sleep(1)"  # time.sleep(1)
