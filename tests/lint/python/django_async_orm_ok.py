# expect: none
from django.contrib.auth.models import User
from django.http import JsonResponse


async def v(request):
    u = await User.objects.aget(pk=1)
    n = await User.objects.filter(is_active=True).acount()
    names = [x.username async for x in User.objects.all()]
    await u.asave()
    return JsonResponse({"n": n, "u": names})
