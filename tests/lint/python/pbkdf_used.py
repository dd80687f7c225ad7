# expect: 6 compute-in-async
import hashlib


async def derive(pw, salt):
    return hashlib.scrypt(pw, salt=salt, n=2**14, r=8, p=1)
