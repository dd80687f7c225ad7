# expect: 30 file-io-in-async, 34 blocking-in-coroutine
import pathlib
import urllib.request


class Led:
    root = pathlib.Path("/sys/class/leds/led0")

    @property
    def on(self):
        return self.state

    @on.setter
    def on(self, value):
        (self.root / "brightness").write_text(str(value))


def lines(url):
    with urllib.request.urlopen(url) as reply:
        yield from reply


def numbered(url):
    for number, line in enumerate(lines(url)):
        yield number, line


async def blink(led: Led, clock):
    await clock.tick()
    led.on = not led.on


async def first(url):
    return next(numbered(url))
