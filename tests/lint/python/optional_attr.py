# expect: 17 blocking-in-coroutine
# expect: 21 blocking-in-coroutine
from typing import Optional
import requests


class Api:
    def __init__(self):
        self._s: Optional[requests.Session] = None

    def _session(self) -> requests.Session:
        if self._s is None:
            self._s = requests.Session()
        return self._s

    async def get(self, p):
        return self._session().get(p)

    async def direct(self, p):
        assert self._s
        return self._s.get(p)
