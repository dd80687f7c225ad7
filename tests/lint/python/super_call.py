# expect: 12 blocking-in-coroutine
import requests


class Base:
    def refresh(self):
        self.data = requests.get("http://x").json()


class Child(Base):
    async def update(self):
        super().refresh()
