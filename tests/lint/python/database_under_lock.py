# expect: 21 blocking-under-lock
import sqlite3
import threading

import psycopg2

lock = threading.Lock()
local = sqlite3.connect("cache.db", check_same_thread=False)


def remember(key, value):
    # Threads that share a connection of sqlite3 have to.
    with lock:
        local.execute("REPLACE INTO kv VALUES (?, ?)", (key, value))
        local.commit()


def charge(dsn, customer, cents):
    with psycopg2.connect(dsn) as db, db.cursor() as cursor:
        with lock:
            cursor.execute("UPDATE accounts SET cents = cents - %s WHERE id = %s", (cents, customer))
