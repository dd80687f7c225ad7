# expect: 6 file-io-in-async
import csv


async def rows(name):
    with open(name, newline="") as fh:
        return list(csv.DictReader(fh))
