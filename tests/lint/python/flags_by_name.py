# expect: 11 blocking-in-coroutine, 15 blocking-in-coroutine, 25 wait-in-async
import fcntl
import os
import socket
from os import WNOHANG as not_now


async def reap(pid):
    os.waitpid(pid, os.WNOHANG)
    os.waitpid(pid, not_now)
    return os.waitpid(pid, 0)


async def look(sock: socket.socket):
    return sock.recv(100, socket.MSG_PEEK)


async def peek(sock: socket.socket):
    return sock.recv(100, socket.MSG_PEEK | socket.MSG_DONTWAIT)


async def take(fd):
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(fd, fcntl.LOCK_UN)
    fcntl.flock(fd, fcntl.LOCK_EX)
