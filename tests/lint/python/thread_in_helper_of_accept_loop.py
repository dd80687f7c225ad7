# expect: 20 thread-per-task
# The thread is made, started and left alone in what the loop calls; one that is kept may be waited for.
import socket
import threading


class Server:
    def __init__(self):
        self.socket = socket.create_server(("", 7000))
        self.running = True
        self.threads = []

    def serve(self):
        while self.running:
            connection, _ = self.socket.accept()
            self.welcome(connection)
            self.keep(connection)

    def welcome(self, connection):
        thread = threading.Thread(target=self.talk, args=(connection,))
        thread.daemon = True
        thread.start()

    def keep(self, connection):
        thread = threading.Thread(target=self.talk, args=(connection,))
        thread.start()
        self.threads.append(thread)

    def talk(self, connection):
        with connection:
            connection.sendall(connection.recv(100))
