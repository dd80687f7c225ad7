# expect: none
import time
import requests
from celery import shared_task


@shared_task
def sync_user(uid):
    time.sleep(1)
    return requests.get(f"http://u/{uid}").json()


def enqueue(uid):
    return sync_user.delay(uid)
