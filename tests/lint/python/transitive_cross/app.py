# expect: 8 blocking-in-coroutine
from .service import Service

svc = Service()


async def handler(request):
    return svc.account(request.match_info["id"])
