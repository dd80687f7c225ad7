# expect: 15 thread-per-task
import _thread
import socket


def talk(connection, peer):
    connection.sendall(connection.recv(1024))
    connection.close()


def serve(port):
    listening = socket.create_server(("", port))
    while True:
        connection, peer = listening.accept()
        _thread.start_new_thread(talk, (connection, peer))
