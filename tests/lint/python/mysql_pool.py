# expect: 15 blocking-in-coroutine
import mysql.connector


class Db:
    def __init__(self):
        self._cnx = mysql.connector.connect(host="db")

    def _rows(self, sql):
        cur = self._cnx.cursor(dictionary=True)
        cur.execute(sql)
        return cur.fetchall()

    async def users(self):
        return self._rows("SELECT * FROM users")
