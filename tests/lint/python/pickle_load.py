# expect: 7 file-io-in-async
# also-ok: 8 file-io-in-async
import pickle


async def restore(p):
    with open(p, "rb") as f:
        return pickle.load(f)
