# expect: 8 file-io-in-async
# expect: 10 file-io-in-async
import os.path
from os import listdir, path


async def scan(d):
    if not path.isdir(d):
        return []
    return listdir(d)
