# expect: 14 compute-in-threads-gil
import threading


def crunch(n, out):
    t = 0
    for i in range(n):
        t += i * i
    out.append(t)


def main():
    out = []
    ts = [threading.Thread(target=crunch, args=(10_000_000, out)) for _ in range(4)]
    for t in ts:
        t.start()
    for t in ts:
        t.join()


main()
