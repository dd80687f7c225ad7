#!/usr/bin/env python3
"""frames.py [--tool PATH] [--seconds N] PYTHON...: are samples given to the right Python function and line?

A program that knows how much CPU time each line took (thread_time around each) is profiled. Its time falls into the measured lines
and, for all the rest of its loop, "elsewhere"; so do the samples, and none is left out. What part of the samples lies where the time
was is the overlap of both distributions, the sum of the smaller shares. So many samples drawn at random from the truth would not
reach 100 % either: "by chance" is what they reach on average. From 3.12 on the same program runs once more under `perf record`, whose
frames come from the interpreter's own account: -X perf and frame pointers in 3.12 (of an interpreter built with them), -X perf_jit
with `perf inject --jit` from 3.13 on. Its functions are compared with the truth and with ours the same way. Also what profiling costs
the program at about 100 samples a second: CPU time per round of work beside a run alone, interleaved, medians. Needs root or
kernel.perf_event_paranoid <= 2, and a machine with nothing else running for the cost.
"""
import argparse
import collections
import json
import pathlib
import random
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

seed, rounds, start = 1, 0, clock()
while clock() - start < float(sys.argv[1]):
    seed = seed * 1103515245 + 12345 & 0x7fffffff
    n = 20 + seed % 300
    (count, square, spell, replace, lambda n: descend(seed % 20, n))[(seed >> 12) % 5](n)
    rounds += n
spent["elsewhere"] = clock() - start - sum(spent.values())
json.dump({"spent": spent, "rounds": rounds, "cpu": clock() - start}, open(sys.argv[2], "w"))
'''
LOOP = PROGRAM.lstrip("\n")[:PROGRAM.lstrip("\n").index("while clock()")].count("\n") + 1
FUNCTIONS = ("count", "square", "spell", "replace", "descend")


def shares(weights):
    total = sum(weights.values()) or 1
    return {key: value / total for key, value in weights.items()}


def overlap(a, b):
    a, b = shares(a), shares(b)
    return sum(min(a.get(key, 0), b.get(key, 0)) for key in set(a) | set(b))


def by_chance(truth, samples, draws=200):
    """The overlap that so many samples reach that are drawn from the truth itself, on average."""
    places, weights = list(truth), list(truth.values())
    generator = random.Random(1)
    return statistics.mean(overlap(collections.Counter(generator.choices(places, weights, k=samples)), truth) for _ in range(draws))


def by_function(lines):
    sums = collections.Counter()
    for key, value in lines.items():
        sums[key.split(":")[0]] += value
    return sums


def own_place(stack, script, measured):
    """The measured line that the innermost frame of the script's functions is at, else "elsewhere"; comprehensions count for who
    holds them. None outside of the program's loop: imports, the interpreter's start and end."""
    for frame in stack:
        if frame["file"] != script:
            continue
        name = frame["function"].split(".")[0]
        place = f"{name}:{frame['line']}"
        if place in measured:
            return place
        if name in FUNCTIONS:
            return "elsewhere"
        if frame["function"] == "<module>":
            return "elsewhere" if frame["line"] >= LOOP else None
    return None


def ours(tool, python, script, work, seconds):
    subprocess.run([tool, "profile", "-q", "-o", f"{work}/ours", "--", python, script, str(seconds), f"{work}/truth.json"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    profile = json.loads(pathlib.Path(f"{work}/ours.json").read_text())
    truth = json.loads(pathlib.Path(f"{work}/truth.json").read_text())
    seen, samples = collections.Counter(), 0
    for spot in profile["hot_spots"]:
        if spot["state"] == "on_cpu" and (place := own_place(spot["stack"], script, truth["spent"])):
            seen[place] += spot["seconds"]
            samples += spot["count"]
    return seen, truth, round(samples)


def of_perf(python, jit, script, work, seconds):
    """Functions as `perf script` names them by the interpreter's own account; samples outside the five are elsewhere."""
    data = f"{work}/perf.data"
    stacks = ["-k", "1", "--call-graph", "dwarf,16384"] if jit else ["-g"]
    subprocess.run(["perf", "record", "-q", "-F", "99", "-e", "cpu-clock:u", *stacks, "-o", data, "--", python, "-X", "perf_jit" if jit else "perf", script,
                    str(seconds), f"{work}/truth.json"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if jit:
        subprocess.run(["perf", "inject", "--jit", "-i", data, "-o", f"{work}/perf.jit.data"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=work)
        data = f"{work}/perf.jit.data"
    text = subprocess.run(["perf", "script", "-i", data, "-F", "ip,sym"], capture_output=True, text=True).stdout
    seen, with_python, samples = collections.Counter(), 0, 0
    for sample in text.split("\n\n"):
        names = [name.split(".")[0] for name in re.findall(r"py::([\w.<>]+):", sample)]
        samples += bool(sample.strip())
        with_python += bool(names)
        whole = any(name == "<module>" for name in names)
        if not names or (jit and not whole) or any("importlib" in line for line in sample.splitlines()):
            continue
        seen[next((name for name in names if name in FUNCTIONS), "elsewhere")] += 1
    return seen, json.loads(pathlib.Path(f"{work}/truth.json").read_text()), with_python / max(1, samples)


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
    print("| interpreter | samples | our functions | our lines | by chance | perf's functions | with Python | ours against perf's | target's CPU time |\n"
          "|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for python in options.pythons:
        with tempfile.TemporaryDirectory(prefix="concadvise-frames-") as work:
            script = f"{work}/program.py"
            pathlib.Path(script).write_text(PROGRAM.lstrip("\n"))
            version = subprocess.run([python, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"], capture_output=True, text=True).stdout.strip()
            seen, truth, samples = ours(options.tool, python, script, work, options.seconds)
            row = [str(samples), f"{overlap(by_function(seen), by_function(truth['spent'])):.1%}", f"{overlap(seen, truth['spent']):.1%}",
                   f"{by_chance(truth['spent'], samples):.1%}"]
            numbers = tuple(map(int, version.split(".")))
            if numbers >= (3, 12):
                by_perf, its_truth, covered = of_perf(python, numbers >= (3, 13), script, work, options.seconds)
                row += [f"{overlap(by_perf, by_function(its_truth['spent'])):.1%}", f"{covered:.0%}", f"{overlap(by_perf, by_function(seen)):.1%}"]
            else:
                row += ["-", "-", "-"]
            row.append(f"{cost(options.tool, python, script, work, options.pairs):.3f}" if options.pairs else "-")
            print(f"| {version} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
