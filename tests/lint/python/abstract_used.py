# expect: 11 blocking-in-coroutine
import abc
import requests


class Source(abc.ABC):
    @abc.abstractmethod
    def load(self): ...

    async def refresh(self):
        return self.load()


class HttpSource(Source):
    def load(self):
        return requests.get("http://s").json()
