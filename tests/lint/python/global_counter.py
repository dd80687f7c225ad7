# expect: 10 process-shared-state
import multiprocessing

counter = 0


def bump(n):
    global counter
    for _ in range(n):
        counter += 1


if __name__ == "__main__":
    ps = [multiprocessing.Process(target=bump, args=(100000,)) for _ in range(4)]
    for p in ps:
        p.start()
    for p in ps:
        p.join()
    print(counter)
