# expect: 11 file-io-in-async
# expect: 16 file-io-in-async
# expect: 20 file-io-in-async
# also-ok: 12 file-io-in-async
import os
import shutil
from pathlib import Path


async def load(name):
    with open(name) as handle:
        return handle.read()


async def clean(folder):
    shutil.rmtree(folder)


async def sizes(folder: Path):
    return [entry.stat().st_size for entry in folder.iterdir()]


async def joined(folder, name):
    return os.path.join(folder, name)
