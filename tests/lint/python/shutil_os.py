# expect: 10 file-io-in-async
# expect: 11 file-io-in-async
# also-ok: 9 file-io-in-async
import os
import shutil


async def install(src, dst):
    os.makedirs(os.path.dirname(dst), exist_ok=True)
    shutil.copytree(src, dst)
    shutil.rmtree(src)
