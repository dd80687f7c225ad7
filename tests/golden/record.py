#!/usr/bin/env python3
"""record.py [--from FOLDER] NAME...: keeps measurements of the corpus as golden sessions.

FOLDER is where tests/corpus/run.py left its results (default build/dev/corpus-work/out). Only the profile is kept, without the verdict
and advice of the day and without paths of this machine; what may come out of it is taken from corpus.tsv, never from what came out.
"""
import argparse
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "corpus"))
import run as corpus

HEADER = "# Recorded by record.py from tests/corpus/corpus.tsv. name, accepted verdicts, accepted models (- not judged)\n"
KEPT = {"threads": 40, "hot_spots": 5, "waits": 20}


def without_machine(text):
    """The tree's own folder becomes /src, any other home of the recording machine likewise."""
    text = text.replace(str(ROOT), "/src")
    return re.sub(r'(?<![\w.])/(?:root|home/[^/"]+)/', "/src/", text)


def rounded(value):
    """Microseconds are enough, and a tenth of the bytes."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return {key: rounded(item) for key, item in value.items()} if isinstance(value, dict) else value


def keep(folder, name):
    session = json.loads((folder / f"{name}.json").read_text())
    for key in ("verdict", "advice"):
        session.pop(key, None)
    for key, count in KEPT.items():
        session[key] = session[key][:count]
    lines = [f"{json.dumps(key)}: {json.dumps(rounded(value), separators=(',', ':'))}" for key, value in sorted(session.items())]
    (HERE / f"{name}.json").write_text(without_machine("{\n" + ",\n".join(lines) + "\n}\n"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--from", dest="folder", type=pathlib.Path, default=ROOT / "build/dev/corpus-work/out")
    options = parser.parse_args()
    rows = {row.name: row for row in corpus.read_corpus()}
    table = HERE / "accepted.tsv"
    lines = dict(line.split("\t", 1) for line in table.read_text().splitlines() if not line.startswith("#")) if table.exists() else {}
    for name in options.names:
        keep(options.folder, name)
        lines[name] = f"{rows[name].accepted}\t{rows[name].model}"
    table.write_text(HEADER + "".join(f"{name}\t{rest}\n" for name, rest in sorted(lines.items())))


if __name__ == "__main__":
    main()
