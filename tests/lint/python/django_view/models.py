# expect: none
from django.db import models


class Book(models.Model):
    title = models.CharField(max_length=100)

    @classmethod
    def recent(cls):
        return list(cls.objects.order_by("-id")[:5])
