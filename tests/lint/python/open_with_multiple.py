# expect: 4 file-io-in-async
# also-ok: 5 file-io-in-async
async def copy(a, b):
    with open(a) as src, open(b, "w") as dst:
        dst.write(src.read())
