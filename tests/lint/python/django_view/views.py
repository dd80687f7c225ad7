# expect: 13 blocking-in-coroutine
# expect: 19 blocking-in-coroutine
# expect: 20 blocking-in-coroutine
# expect: 24 blocking-in-coroutine
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.views import View

from .models import Book


async def book(request, pk):
    b = get_object_or_404(Book, pk=pk)
    return JsonResponse({"t": b.title})


class Books(View):
    async def get(self, request):
        total = Book.objects.filter(title__startswith="a").count()
        return JsonResponse({"n": total, "r": Book.recent()})

    async def post(self, request):
        b = Book(title=request.POST["t"])
        b.save()
        return JsonResponse({})
