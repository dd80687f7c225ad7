#!/usr/bin/env python3
"""frames.py [--tool PATH] [--seconds N] PYTHON...: are samples given to the right Python function and line?

A program that knows how much CPU time each line took (thread_time around each) is profiled; what part of the samples lies where the
time was is the overlap of both distributions, the sum over lines of the smaller share. From 3.12 on the same program runs once more
with -X perf under `perf record -g`, whose frames come from the interpreter's own map: its functions are compared with the truth and
with ours the same way. Also what profiling costs the program at about 100 samples a second: CPU time per round of work beside a run
alone, interleaved, medians. Needs root or kernel.perf_event_paranoid <= 2, and a machine with nothing else running for the cost.
"""
import argparse
import collections
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]

# Functions of different length, called in an order that has no period; each line's own CPU time is written at the end.
PROGRAM = '''
import json, sys, time
spent = {}
clock = time.thread_time

def book(place, begin):
    spent[place] = spent.get(place, 0) + clock() - begin

def count(n):
    begin = clock()
    for _ in range(n * 40): pass
    book("count:10", begin)

def square(n):
    begin = clock()
    sum(i * i for i in range(n * 10))
    book("square:15", begin)

def spell(n):
    begin = clock()
    x = [str(i) for i in range(n * 12)]
    book("spell:20", begin)
    return x

def replace(n, text="1234567890" * 40):
    begin = clock()
    for _ in range(n * 2): text.replace("1", "one")
    book("replace:26", begin)

def descend(depth, n):
    if depth: return descend(depth - 1, n)
    begin = clock()
    for _ in range(n * 60): pass
    book("descend:32", begin)

seed, rounds, end = 1, 0, clock() + float(sys.argv[1])
while clock() < end:
    seed = seed * 1103515245 + 12345 & 0x7fffffff
    n = 20 + seed % 300
    (count, square, spell, replace, lambda n: descend(seed % 20, n))[(seed >> 12) % 5](n)
    rounds += n
json.dump({"spent": spent, "rounds": rounds, "cpu": clock()}, open(sys.argv[2], "w"))
'''
FUNCTIONS = ("count", "square", "spell", "replace", "descend")


def shares(weights):
    total = sum(weights.values()) or 1
    return {key: value / total for key, value in weights.items()}


def overlap(a, b):
    a, b = shares(a), shares(b)
    return sum(min(a.get(key, 0), b.get(key, 0)) for key in set(a) | set(b))


def by_function(lines):
    sums = collections.Counter()
    for key, value in lines.items():
        sums[key.split(":")[0]] += value
    return sums


def own_place(stack, script):
    """function:line of the innermost frame that belongs to one of the functions; comprehensions count for who holds them."""
    for frame in stack:
        name = frame["function"].split(".")[0]
        if frame["file"] == script and name in FUNCTIONS:
            return f"{name}:{frame['line']}"
    return None


def ours(tool, python, script, work, seconds):
    subprocess.run([tool, "profile", "-q", "-o", f"{work}/ours", "--", python, script, str(seconds), f"{work}/truth.json"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    profile = json.loads(pathlib.Path(f"{work}/ours.json").read_text())
    seen = collections.Counter()
    for spot in profile["hot_spots"]:
        if spot["state"] == "on_cpu" and (place := own_place(spot["stack"], script)):
            seen[place] += spot["seconds"]
    return seen, json.loads(pathlib.Path(f"{work}/truth.json").read_text())


def of_perf(python, script, work, seconds):
    """Functions as `perf script` names them from the interpreter's own map; samples outside the five are left out, as in ours."""
    data = f"{work}/perf.data"
    subprocess.run(["perf", "record", "-q", "-F", "99", "-e", "cpu-clock:u", "-g", "-o", data, "--", python, "-X", "perf", script, str(seconds),
                    f"{work}/truth.json"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    text = subprocess.run(["perf", "script", "-i", data, "-F", "ip,sym"], capture_output=True, text=True).stdout
    seen = collections.Counter()
    for sample in text.split("\n\n"):
        for name in re.findall(r"py::([\w.<>]+):", sample):
            if name.split(".")[0] in FUNCTIONS:
                seen[name.split(".")[0]] += 1
                break
    return seen, json.loads(pathlib.Path(f"{work}/truth.json").read_text())


def cost(tool, python, script, work, pairs):
    ratios = []
    for index in range(pairs):
        per_round = {}
        for profiled in ((False, True) if index % 2 else (True, False)):
            around = [tool, "profile", "-q", "-o", f"{work}/cost", "--"] if profiled else []
            subprocess.run([*around, python, script, "2", f"{work}/truth.json"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            truth = json.loads(pathlib.Path(f"{work}/truth.json").read_text())
            per_round[profiled] = truth["cpu"] / truth["rounds"]
        ratios.append(per_round[True] / per_round[False])
    return statistics.median(ratios)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pythons", nargs="+")
    parser.add_argument("--tool", default=str(ROOT / "build/dev/concadvise"))
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--pairs", type=int, default=7, help="of runs for the cost; 0: not measured")
    options = parser.parse_args()
    print("| interpreter | our functions | our lines | perf's functions | ours against perf's | target's CPU time |\n|---|---:|---:|---:|---:|---:|")
    for python in options.pythons:
        with tempfile.TemporaryDirectory(prefix="concadvise-frames-") as work:
            script = f"{work}/program.py"
            pathlib.Path(script).write_text(PROGRAM.lstrip("\n"))
            version = subprocess.run([python, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"], capture_output=True, text=True).stdout.strip()
            seen, truth = ours(options.tool, python, script, work, options.seconds)
            row = [f"{overlap(by_function(seen), by_function(truth['spent'])):.1%}", f"{overlap(seen, truth['spent']):.1%}"]
            if tuple(map(int, version.split("."))) >= (3, 12):
                by_perf, its_truth = of_perf(python, script, work, options.seconds)
                row += [f"{overlap(by_perf, by_function(its_truth['spent'])):.1%}", f"{overlap(by_perf, by_function(seen)):.1%}"]
            else:
                row += ["-", "-"]
            row.append(f"{cost(options.tool, python, script, work, options.pairs):.3f}" if options.pairs else "-")
            print(f"| {version} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
