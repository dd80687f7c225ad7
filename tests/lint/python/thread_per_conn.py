# expect: 11 thread-per-task
# also-ok: 12 thread-per-task
import socket
import threading


def serve(port):
    s = socket.create_server(("", port))
    while True:
        conn, addr = s.accept()
        t = threading.Thread(target=handle, args=(conn,), daemon=True)
        t.start()


def handle(conn):
    data = conn.recv(1024)
    conn.sendall(data)
