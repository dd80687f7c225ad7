# expect: 14 blocking-in-coroutine
# expect: 19 blocking-in-coroutine
# expect: 24 blocking-in-coroutine
# expect: 29 blocking-in-coroutine
# also-ok: 13 blocking-in-coroutine
import psycopg2
import redis
from pymongo import MongoClient
from sqlalchemy.orm import Session


async def orders(dsn):
    cursor = psycopg2.connect(dsn).cursor()
    cursor.execute("SELECT * FROM orders")
    return cursor.fetchall()


async def hits(cache: redis.Redis):
    return cache.incr("hits")


async def profile(user_id, db: Session):
    query = db.query("User")
    return query.filter(user_id).first()


async def document(key):
    client = MongoClient("mongodb://localhost")
    return client["shop"]["carts"].find_one({"_id": key})
