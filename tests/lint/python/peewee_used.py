# expect: 12 blocking-in-coroutine
from peewee import Model, CharField, SqliteDatabase

db = SqliteDatabase("x.db")


class User(Model):
    name = CharField()


async def view(uid):
    return User.get(User.id == uid)
