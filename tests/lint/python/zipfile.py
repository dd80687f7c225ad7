# expect: 8 file-io-in-async
# also-ok: 7 file-io-in-async
import zipfile


async def unpack(p, to):
    with zipfile.ZipFile(p) as z:
        z.extractall(to)
