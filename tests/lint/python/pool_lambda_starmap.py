# expect: 7 unpicklable-process-task
# expect: 8 unpicklable-process-task
from multiprocessing import Pool

if __name__ == "__main__":
    with Pool() as p:
        p.starmap(lambda a, b: a * b, [(1, 2)] * 100)
        p.apply_async(lambda: 3)
