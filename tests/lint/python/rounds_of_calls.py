# expect: 6 compute-in-async
import hashlib


async def stretch(secret: bytes):
    for _ in range(1_000_000):
        secret = hashlib.sha256(secret).digest()
    return secret


async def prepare(jobs):
    return [jobs.make(number) for number in range(1_000_000)]
