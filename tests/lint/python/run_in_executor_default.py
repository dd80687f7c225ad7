# expect: 14 compute-in-threads-gil
import asyncio


def simulate(n):
    x = 0.0
    for i in range(n):
        x = (x * 1.1 + i) % 97
    return x


async def main():
    loop = asyncio.get_running_loop()
    jobs = [loop.run_in_executor(None, simulate, 5_000_000) for _ in range(4)]
    return await asyncio.gather(*jobs)
