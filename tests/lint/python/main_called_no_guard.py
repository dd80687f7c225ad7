# expect: 18 missing-main-guard
# also-ok: 14 missing-main-guard
from concurrent.futures import ProcessPoolExecutor


def cpu(n):
    t = 0
    for i in range(n):
        t += i
    return t


def main():
    with ProcessPoolExecutor() as ex:
        print(list(ex.map(cpu, [10**7] * 4)))


main()
