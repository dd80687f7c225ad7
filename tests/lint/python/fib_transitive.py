# expect: 7 compute-in-async
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


async def handler(n):
    return fib(n)
