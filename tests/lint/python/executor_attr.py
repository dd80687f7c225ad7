# expect: none
import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor


class Db:
    def __init__(self, path):
        self._ex = ThreadPoolExecutor(1)
        self._path = path
        self._conn = None

    def _open(self):
        self._conn = sqlite3.connect(self._path, check_same_thread=False)

    def _query(self, sql):
        return self._conn.execute(sql).fetchall()

    async def _run(self, fn, *args):
        return await asyncio.get_running_loop().run_in_executor(self._ex, fn, *args)

    async def query(self, sql):
        if self._conn is None:
            await self._run(self._open)
        return await self._run(self._query, sql)
