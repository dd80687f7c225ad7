# expect: 9 blocking-in-coroutine
# expect: 10 blocking-in-coroutine
import redis

r = redis.Redis(host="localhost", decode_responses=True)


async def count(key):
    n = r.incr(key)
    r.expire(key, 60)
    return n
