# expect: 12 blocking-in-coroutine
# expect: 18 blocking-in-coroutine
import requests
from fastapi import FastAPI, Request
from starlette.middleware.base import BaseHTTPMiddleware

app = FastAPI()


@app.middleware("http")
async def verify(request: Request, call_next):
    requests.get("http://auth/verify")
    return await call_next(request)


class Mw(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        requests.get("http://auth/verify")
        return await call_next(request)
