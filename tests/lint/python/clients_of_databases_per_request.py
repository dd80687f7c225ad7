# expect: 13 pool-per-call
# expect: 19 pool-per-call
import pymongo
import redis
from flask import Flask

app = Flask(__name__)
kept = redis.Redis(host="cache")


@app.get("/orders")
def orders():
    database = pymongo.MongoClient("mongodb://db").shop
    return list(database.orders.find({}))


@app.get("/hits")
def hits():
    return str(redis.Redis(host="cache").incr("hits") + kept.incr("all"))
