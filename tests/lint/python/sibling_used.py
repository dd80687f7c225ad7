# expect: 10 async-sibling
class Store:
    def load(self, key):
        return self._db[key]

    async def aload(self, key):
        return await self._adb.get(key)

    async def handle(self, key):
        return self.load(key)
