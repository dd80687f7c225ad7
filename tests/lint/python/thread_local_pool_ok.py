# expect: none
from concurrent.futures import ThreadPoolExecutor


def main(paths):
    def size(p):
        with open(p, "rb") as f:
            return len(f.read())

    with ThreadPoolExecutor() as ex:
        return sum(ex.map(size, paths))
