# expect: none
import requests
from fastapi import Depends, FastAPI

app = FastAPI()


def settings():
    return requests.get("http://config").json()


class Auth:
    def __init__(self):
        self.key = open("key").read()


@app.get("/")
async def root(s=Depends(settings), a: Auth = Depends()):
    return {"s": s, "k": a.key}
