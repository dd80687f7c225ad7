# expect: 15 blocking-in-coroutine
# expect: 16 blocking-in-coroutine
# also-ok: 15 async-sibling
# also-ok: 16 async-sibling
from django.db import models


class Order(models.Model):
    def pay(self):
        self.paid = True
        self.save()


async def pay(request, number):
    order = Order.objects.get(number=number)
    order.pay()
