# expect: 14 compute-in-async
# expect: 21 compute-in-async
# expect: 26 compute-in-async
# expect: 40 compute-in-threads-gil
# expect: 41 compute-in-threads-gil
import asyncio
import hashlib
import zlib
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


async def matrix(a, b, n):
    c = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            c[i][j] = sum(a[i][k] * b[k][j] for k in range(n))
    return c


async def login(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)


async def fibonacci(n):
    await asyncio.sleep(0)
    return fib(n)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def pack(blob):
    return zlib.compress(blob)


def main(blobs):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pack, blobs))
        futures = [pool.submit(fib, 32) for _ in range(4)]
        more = list(pool.map(fib, [30, 31]))
    return futures, more


async def offloaded(blob):
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor() as pool:
        await loop.run_in_executor(pool, fib, 32)
    return sum(range(10)), [x * 2 for x in range(1000)]
