# expect: 19 file-io-in-async
# expect: 23 file-io-in-async
# A condition on something that it does not make, and an object's own attribute, are read again and again.
import json

_latest = None


def latest(path):
    global _latest
    if path is None:
        with open("latest.json") as file:
            _latest = json.load(file)
    return _latest


class Page:
    async def answer(self):
        return latest(None)

    async def body(self):
        if not self.text:
            with open("page.html") as file:
                self.text = file.name
        return self.text
