# expect: 17 blocking-in-coroutine
import time

from fastapi import APIRouter, Depends, FastAPI

app = FastAPI()
router = APIRouter()


@app.get("/thread")
def in_a_thread():
    time.sleep(1)


@router.post("/loop")
async def on_the_loop():
    time.sleep(1)


def session():
    time.sleep(1)
    yield 1


@router.get("/dependency")
async def dependency(db=Depends(session)):
    return db
