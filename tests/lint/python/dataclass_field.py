# expect: 13 blocking-in-coroutine
from dataclasses import dataclass, field
import redis


@dataclass
class Cache:
    client: redis.Redis
    hits: int = 0

    async def get(self, k):
        self.hits += 1
        return self.client.get(k)
