# expect: none
# The largest of a collection goes through all of it: nobody knows how long that takes.
from concurrent.futures import ProcessPoolExecutor


def longest(words):
    return max(words, key=len)


def run(texts):
    with ProcessPoolExecutor() as pool:
        return [job.result() for job in [pool.submit(longest, text) for text in texts]]


if __name__ == "__main__":
    print(run(["a b c".split()]))
