# expect: 3 compute-in-async
async def digest(request):
    return sum(i * i % 7 for i in range(30_000_000))
