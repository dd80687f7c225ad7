"""Computing in pieces. zlib: compressing, in C that releases the GIL | digest: hashing, the same | tokens: forty documents counted word by word |
tiny: three thousand pieces of microseconds | slices: sums of squares over slices of a large list | ranges: the same over bounds of the slices.
How: sequential | threads | processes (two workers)."""
import hashlib
import re
import sys
import zlib
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

SIZE = 3_000_000


def deflate(seed):
    line = b"%d the quick brown fox %d " % (seed, seed * 7919)
    return len(zlib.compress(b"".join(line + bytes([n % 251]) for n in range(150_000)), 6))


def digest(seed):
    return hashlib.pbkdf2_hmac("sha256", b"pass %d" % seed, b"salt", 250_000)


def tokens(seed):
    text = " ".join("word%d, other-%d." % (seed, n) for n in range(9_000))
    return len(re.findall(r"\w+|[^\w\s]", text)) + sum(len(word) for word in text.split())


def tiny(number):
    return number * number


def slices(data):
    return sum(x * x for x in data)


def ranges(bounds):
    return sum(x * x for x in range(*bounds))


def work(what):
    return {
        "zlib": lambda: (deflate, range(8)),
        "digest": lambda: (digest, range(8)),
        "tokens": lambda: (tokens, range(40)),
        "tiny": lambda: (tiny, range(3000)),
        "slices": lambda: (slices, [list(range(SIZE))[i::4] for i in range(4)]),
        "ranges": lambda: (ranges, [(i, SIZE, 4) for i in range(4)]),
    }[what]()

if __name__ == "__main__":
    one, items = work(sys.argv[1])
    if sys.argv[2] == "sequential":
        for item in items:
            one(item)
    else:
        with (ThreadPoolExecutor if sys.argv[2] == "threads" else ProcessPoolExecutor)(max_workers=2) as pool:
            list(pool.map(one, items))
