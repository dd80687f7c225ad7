# expect: 9 serialized-pool
import threading
from concurrent.futures import ThreadPoolExecutor

lock = threading.Lock()


def fetch(connection, key):
    with lock:
        cursor = connection.cursor()
        cursor.execute("SELECT * FROM t WHERE k = %s", (key,))
        return cursor.fetchone()


def brief(connection, key):
    row = connection.look_up(key)
    with lock:
        connection.hits += 1
    return row


def all_of(connection, keys):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda key: fetch(connection, key), keys)), list(pool.map(lambda key: brief(connection, key), keys))
