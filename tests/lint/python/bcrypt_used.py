# expect: 10 compute-in-async
import bcrypt
from fastapi import FastAPI

app = FastAPI()


@app.post("/login")
async def login(pw: str, hashed: bytes):
    return bcrypt.checkpw(pw.encode(), hashed)
