# expect: 16 wait-in-async
from celery import Celery
from fastapi import FastAPI

celery = Celery("x")
app = FastAPI()


@celery.task
def add(a, b):
    return a + b


@app.get("/add")
async def route(a: int, b: int):
    return add.delay(a, b).get(timeout=10)
