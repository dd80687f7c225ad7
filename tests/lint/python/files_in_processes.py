# expect: 19 io-in-compute-pool
from multiprocessing import Pool
from pathlib import Path


def load(path):
    return Path(path).read_text()


def words(path):
    table = {}
    for word in Path(path).read_text().split():
        table[word] = table.get(word, 0) + 1
    return table


def main(paths):
    with Pool(8) as pool:
        texts = pool.map(load, paths)
        return texts, pool.map(words, paths)


if __name__ == "__main__":
    main([])
