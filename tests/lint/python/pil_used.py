# expect: 11 compute-in-async
# also-ok: 10 file-io-in-async
# also-ok: 10 compute-in-async
# also-ok: 12 file-io-in-async
# also-ok: 12 compute-in-async
from PIL import Image


async def thumb(path, out):
    im = Image.open(path)
    im = im.resize((128, 128))
    im.save(out)
