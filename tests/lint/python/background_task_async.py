# expect: 10 blocking-in-coroutine
# expect: 11 blocking-in-coroutine
import smtplib
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


async def send(to):
    with smtplib.SMTP("localhost") as s:
        s.sendmail("a", to, "hi")


def send_sync(to):
    with smtplib.SMTP("localhost") as s:
        s.sendmail("a", to, "hi")


@app.post("/n")
async def n(bg: BackgroundTasks, to: str):
    bg.add_task(send, to)
    bg.add_task(send_sync, to)
    return {}
