"""128 blocking requests of 20 ms to PORT from a pool of WORKERS threads; prints requests/s, start-up aside. The connection of a worker is
kept, as an HTTP client's session keeps it."""
import os
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

PORT = int(os.environ.get("PORT", "0"))
HERE = threading.local()


def request(_):
    if not hasattr(HERE, "connection"):
        HERE.connection = socket.create_connection(("127.0.0.1", PORT)).makefile("rwb")
    HERE.connection.write(b"GET /0.02 HTTP/1.1\r\n\r\n")
    HERE.connection.flush()
    while HERE.connection.readline().strip():
        pass
    return HERE.connection.read(2)

if __name__ == "__main__":
    start = time.monotonic()
    with ThreadPoolExecutor(max_workers=int(sys.argv[1])) as pool:
        done = len(list(pool.map(request, range(128))))
    print(f"{done / (time.monotonic() - start):.1f} requests/s")
