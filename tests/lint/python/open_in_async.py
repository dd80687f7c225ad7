# expect: 7 file-io-in-async
# also-ok: 8 file-io-in-async
import json


async def load(path):
    with open(path) as f:
        return json.load(f)
