# expect: none
# also-ok: 15 compute-in-threads-gil
from concurrent.futures import ThreadPoolExecutor


def hist(text):
    counts = {}
    for ch in text:
        counts[ch] = counts.get(ch, 0) + 1
    return counts


def main(texts):
    with ThreadPoolExecutor(8) as ex:
        return list(ex.map(hist, texts))
