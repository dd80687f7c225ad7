# expect: 14 compute-in-async
def matmul(a, b):
    n = len(a)
    out = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                out[i][j] += a[i][k] * b[k][j]
    return out


async def product(request):
    body = await request.json()
    return matmul(body["a"], body["b"])
