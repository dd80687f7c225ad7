# expect: none
import aiosqlite
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
async def rows():
    async with aiosqlite.connect("x.db") as db:
        async with db.execute("SELECT 1") as cur:
            return await cur.fetchall()
