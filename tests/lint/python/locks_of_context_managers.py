# expect: 25 lock-across-await
# expect: 30 lock-across-await
import asyncio
import contextlib
import threading


class Repo:
    def __init__(self):
        self.mutex = threading.RLock()
        self.names = []

    @contextlib.contextmanager
    def locked(self):
        with self.mutex:
            yield self

    @contextlib.contextmanager
    def counted(self):
        with self.mutex:
            self.names.append("in")
        yield self

    async def held(self, db):
        with self.locked():
            await db.execute("x")

    async def stacked(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.mutex)
            await asyncio.sleep(1)

    async def let_go(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.mutex)
            self.names.append("x")
        await asyncio.sleep(1)

    async def before(self, db):
        with self.counted():
            await db.execute("x")

    async def inside_only(self, db):
        with self.locked():
            self.names.append("x")
        await db.execute("x")
