# expect: 9 blocking-in-coroutine
import requests
from fastapi import Depends, FastAPI

app = FastAPI()


async def current_user(token: str):
    return requests.get("http://auth/me", headers={"t": token}).json()


@app.get("/me")
async def me(user=Depends(current_user)):
    return user
