# expect: none
import multiprocessing


def f(n):
    t = 0
    for i in range(n):
        t += i
    return t


def main():
    ctx = multiprocessing.get_context("spawn")
    with ctx.Pool(2) as p:
        print(p.map(f, [10**6] * 4))


if __name__ == "__main__":
    main()
