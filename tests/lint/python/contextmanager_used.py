# expect: 17 blocking-in-coroutine
# expect: 18 blocking-in-coroutine
import contextlib
import sqlite3


@contextlib.contextmanager
def database(path):
    conn = sqlite3.connect(path)
    try:
        yield conn
    finally:
        conn.close()


async def names():
    with database("a.db") as db:
        return db.execute("SELECT name FROM t").fetchall()
