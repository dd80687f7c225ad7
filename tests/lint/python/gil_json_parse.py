# expect: none
# also-ok: 14 compute-in-threads-gil
import json
from concurrent.futures import ThreadPoolExecutor


def parse(blob):
    rows = json.loads(blob)
    return sum(r["x"] * r["y"] for r in rows)


def main(blobs):
    with ThreadPoolExecutor() as ex:
        return list(ex.map(parse, blobs))
