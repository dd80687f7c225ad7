# expect: 8 file-io-in-async
# also-ok: 10 file-io-in-async
import os


async def total(root):
    n = 0
    for base, _, names in os.walk(root):
        for name in names:
            n += os.path.getsize(os.path.join(base, name))
    return n
