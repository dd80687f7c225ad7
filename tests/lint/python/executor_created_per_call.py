# expect: 13 pool-per-call
import asyncio
from concurrent.futures import ThreadPoolExecutor
from fastapi import FastAPI
import requests

app = FastAPI()


@app.get("/x")
async def x(u: str):
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(max_workers=1) as ex:
        return await loop.run_in_executor(ex, requests.get, u)
