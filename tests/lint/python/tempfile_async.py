# expect: none
# also-ok: 8 file-io-in-async
# also-ok: 9 file-io-in-async
import tempfile


async def dump(data):
    with tempfile.NamedTemporaryFile("wb") as f:
        f.write(data)
