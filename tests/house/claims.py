#!/usr/bin/env python3
"""claims.py ROOT: docs/CLAIMS.md has every id once, and everything that it names exists."""
import os
import re
import sys

LAST = {"A": 12, "B": 8, "C": 26, "D": 12, "E": 31, "F": 32, "G": 14, "H": 19, "I": 11, "J": 16, "K": 14, "L": 7, "M": 10, "N": 6}
HOW = {"measured", "linted", "predicted", "told", "decided", "refuted", "left out"}


def read(root, *path):
    with open(os.path.join(root, *path), encoding="utf-8") as file:
        return file.read()


def known(root):
    """What each kind of name may be."""
    chart = read(root, "rules", "flowchart.toml")
    tests = "".join(read(root, "tests", name) for name in sorted(os.listdir(os.path.join(root, "tests"))) if name.endswith("_test.cpp"))
    registry = read(root, "analyzer", "checks", "registry.cpp")
    words = read(root, "rules", "texts", "words.toml")
    metrics = read(root, "rules", "metrics.cpp") + read(root, "rules", "judge.cpp")
    states = re.findall(r'"(\w+)"', re.search(r"kNames = \{(.*?)\};", read(root, "model", "state.cpp"), re.S).group(1))
    return {
        "node": set(re.findall(r'^id = "([\w-]+)"', chart, re.M)),
        "leaf": set(re.findall(r'^([\w-]+) = "', chart[chart.index("[leaves]"):], re.M)),
        "threshold": set(re.findall(r"^\[(\w+)\]", read(root, "rules", "thresholds.toml"), re.M)),
        "metric": set(re.findall(r'(?:set|share|set_unknown)\("(\w+)"', metrics)) | set(re.findall(r'"(loop_\w+)"', metrics))
        | {"overlap", "wait_count", "longest_wait_s"} | {prefix + state for prefix in ("path_", "work_") for state in states},
        "rule": {name.replace("_", "-") for name in re.findall(r"X\((\w+)\)", registry)},
        "verdict": set(re.findall(r"^\[verdict\.([\w-]+)\]", words, re.M)),
        "model": {name.strip('"') for name in re.findall(r"^\[model\.([\w+\"-]+)\]", words, re.M)},
        "cost": set(re.findall(r"double (\w+) = ", read(root, "rules", "costs.h"))),
        "test": set(re.findall(r"TEST(?:_[FP])?\(\w+, (\w+)\)", tests)),
        "scenario": set(re.findall(r'\{"(J\d\d)"', tests)),
    }


def complaints(root):
    out = []
    names = known(root)
    rows = re.findall(r"^\| ([A-N]\d\d) \| (.+?) \| (.+?) \| (.+?) \|$", read(root, "docs", "CLAIMS.md"), re.M)
    ids = [row[0] for row in rows]
    wanted = [f"{letter}{number:02}" for letter, last in LAST.items() for number in range(1, last + 1)]
    out += [f"{one}: missing" for one in wanted if one not in ids]
    out += [f"{one}: not an id" for one in ids if one not in wanted]
    out += [f"{one}: twice" for one in set(ids) if ids.count(one) > 1]
    for one, _, how, where in rows:
        if how not in HOW:
            out.append(f"{one}: '{how}' is no way to answer")
        found = re.findall(r"`(\w+):([^`]+)`", where)
        if not found:
            out.append(f"{one}: says nowhere")
        for kind, name in found:
            there = os.path.exists(os.path.join(root, name)) if kind == "file" else name in names.get(kind, ())
            if not there:
                out.append(f"{one}: there is no {kind} '{name}'")
    return out


if __name__ == "__main__":
    found = complaints(sys.argv[1])
    print("\n".join(found) or "all claims are answered")
    sys.exit(1 if found else 0)
