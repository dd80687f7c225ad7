# expect: 12 blocking-in-coroutine
# also-ok: 13 blocking-in-coroutine
import psycopg2


class Repo:
    def __init__(self, dsn):
        self.conn = psycopg2.connect(dsn)

    async def find(self, uid):
        with self.conn.cursor() as cur:
            cur.execute("SELECT 1 WHERE id=%s", (uid,))
            return cur.fetchone()
