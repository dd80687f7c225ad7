# expect: none
# also-ok: 12 unpicklable-process-task
from multiprocessing import Process


def consume(f):
    print(f.read())


if __name__ == "__main__":
    fh = open("x")
    p = Process(target=consume, args=(fh,))
    p.start()
    print("x")
    p.join()
