import sqlite3


class Base:
    def __init__(self):
        self.link = sqlite3.connect("x.db")

    def load(self, key):
        return self.link.execute("SELECT ?", (key,))


class Store(Base):
    def peek(self):
        return 1
