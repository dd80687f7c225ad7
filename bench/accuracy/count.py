"""Two counts: sequential | threads | processes, of N steps each."""
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def count(steps):
    while steps > 0:
        steps -= 1


if __name__ == "__main__":
    steps = [int(sys.argv[2])] * 2
    if sys.argv[1] == "sequential":
        for each in steps:
            count(each)
    else:
        with (ThreadPoolExecutor if sys.argv[1] == "threads" else ProcessPoolExecutor)(max_workers=2) as pool:
            list(pool.map(count, steps))
