# expect: none
import multiprocessing as mp


def work(n, out):
    t = 0
    for i in range(n):
        t += i
    out[0] = t


def run():
    arr = mp.Array("d", 1)
    p1 = mp.Process(target=work, args=(10**6, arr))
    p2 = mp.Process(target=work, args=(10**6, arr))
    p1.start()
    p2.start()
    p1.join()
    p2.join()
    return arr[0]


if __name__ == "__main__":
    run()
