# expect: 7 blocking-in-coroutine
import socket


class Node:
    async def register(self, api):
        await api.post("/nodes", json={"host": socket.getfqdn()})
