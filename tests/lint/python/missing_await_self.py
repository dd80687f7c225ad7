# expect: 12 dropped-awaitable
# expect: 16 dropped-awaitable
import asyncio


class Db:
    async def commit(self):
        await asyncio.sleep(0)

    async def save(self, x):
        self.x = x
        self.commit()


async def use(db: Db):
    db.save(1)
