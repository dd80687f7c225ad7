# expect: 16 thread-per-task
# expect: 20 thread-per-task
import socket
from threading import Thread


class Daemon:
    def run(self):
        listener = socket.create_server(("", 0))
        while True:
            conn, peer = listener.accept()
            self.spawn(conn)
            self.once_for_each_worker()

    def spawn(self, conn):
        Thread(target=self.serve, args=[conn], daemon=True).start()

    @staticmethod
    def start(item):
        Thread(target=print, args=(item,)).start()

    def all(self, items):
        for item in items:
            self.start(item)

    def serve(self, conn):
        conn.sendall(b"hello")

    def once_for_each_worker(self):
        # Given back to the caller, which may wait for it.
        return Thread(target=self.run)


def start_one():
    Thread(target=print).start()


def workers():
    for _ in range(4):
        start_one()


def retry():
    while True:
        start_one()
        if input() == "ok":
            break
