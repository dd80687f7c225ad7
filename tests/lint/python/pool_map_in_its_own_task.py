# expect: 14 pool-waits-on-itself
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor(max_workers=4)
others = ThreadPoolExecutor(max_workers=4)


def load(path):
    with open(path, "rb") as file:
        return file.read()


def load_folder(paths):
    return b"".join(pool.map(load, paths))


def load_elsewhere(paths):
    return b"".join(others.map(load, paths))


def load_all(folders):
    return list(pool.map(load_folder, folders)) + list(pool.map(load_elsewhere, folders))
