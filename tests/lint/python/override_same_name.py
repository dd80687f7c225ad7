# expect: none
import abc


class Backend(abc.ABC):
    @abc.abstractmethod
    async def get(self, k): ...


class Memory(Backend):
    def __init__(self):
        self.d = {}

    async def get(self, k):
        return self.d[k]


class Cache:
    def __init__(self, b: Backend):
        self.b = b

    async def read(self, k):
        return await self.b.get(k)
