# expect: 9 blocking-in-coroutine
# expect: 13 blocking-in-coroutine
from pymongo import MongoClient

db = MongoClient("mongodb://localhost")["shop"]


async def orders(user):
    return list(db.orders.find({"user": user}))


async def add(o):
    db["orders"].insert_one(o)
