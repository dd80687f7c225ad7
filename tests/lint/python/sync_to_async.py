# expect: none
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User


@sync_to_async
def load_users():
    return list(User.objects.all())


async def view(request):
    users = await load_users()
    one = await sync_to_async(User.objects.get)(pk=1)
    n = await sync_to_async(lambda: User.objects.count(), thread_sensitive=True)()
    return users, one, n
