# expect: none
import queue
import socket
import threading

q = queue.Queue()
lock = threading.Lock()
ev = threading.Event()


async def poll():
    try:
        item = q.get_nowait()
    except queue.Empty:
        item = q.get(block=False)
    if lock.acquire(blocking=False):
        lock.release()
    if ev.is_set():
        ev.clear()
    s = socket.socket()
    s.setblocking(False)
    return item, s
