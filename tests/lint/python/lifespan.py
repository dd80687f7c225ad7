# expect: none
import json
from contextlib import asynccontextmanager

from fastapi import FastAPI


@asynccontextmanager
async def lifespan(app):
    with open("model.json") as f:
        app.state.model = json.load(f)
    yield


app = FastAPI(lifespan=lifespan)
