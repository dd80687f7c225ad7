# expect: 10 blocking-in-coroutine
# expect: 11 blocking-in-coroutine
import sqlite3

conn = sqlite3.connect("x.db")


async def store(stream):
    async for row in stream:
        conn.execute("INSERT INTO t VALUES (?)", (row,))
    conn.commit()
