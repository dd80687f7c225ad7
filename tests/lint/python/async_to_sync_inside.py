# expect: 10 sync-over-async
from asgiref.sync import async_to_sync


async def notify(x):
    return await x.send()


async def view(request):
    async_to_sync(notify)(request)
