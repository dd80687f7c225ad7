#!/usr/bin/env python3
"""accuracy.py CONCADVISE [NAME...]: profiles programs before a change, measures them after it, and writes how often the measured wall time
lies in the interval that was predicted, into docs/ACCURACY.md. Run it on a machine that does nothing else. A run in parts keeps what it
has measured: --part 1/3, 2/3, 3/3 with the same --results; the table is written from all of them. Names select rows by their beginning
and write no table."""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

from sections import write_section

FOLDER = pathlib.Path(__file__).resolve().parent / "accuracy"

# before | accepted verdicts (class/resource, * any) | accepted models | model whose prediction is checked (empty: the advised one) | after
PAIRS = """
waits.py sleeps sequential | io-bound/timer | threads async | | waits.py sleeps threads
waits.py sleeps threads | io-bound/timer | keep | | waits.py sleeps threads
waits.py sleeps threads | io-bound/timer | keep | synchronous | waits.py sleeps sequential
waits.py sleeps asyncio | io-bound/timer | keep | | waits.py sleeps asyncio
waits.py long sequential | io-bound/timer | threads async | | waits.py long threads
waits.py children sequential | io-bound/child io-bound/timer | threads async | | waits.py children threads
waits.py locked threads | lock-bound/mutex io-bound/timer | reduce-contention | | waits.py apart threads
waits.py journal sequential | io-bound/disk mixed/* | threads async+parallel | | waits.py journal threads
count.py sequential 12000000 | cpu-bound/one-core | parallel | | count.py processes 12000000
count.py sequential 12000000 | cpu-bound/one-core | parallel | threads | count.py threads 12000000
count.py threads 12000000 | lock-bound/gil cpu-bound/* | parallel | | count.py processes 12000000
count.py processes 12000000 | cpu-bound/all-cores | keep | synchronous | count.py sequential 12000000
count.py sequential 150000 | cpu-bound/one-core | synchronous | parallel | count.py processes 150000
loop.py blocked | io-bound/timer | unblock-loop | | loop.py fixed
calls.py five sequential | io-bound/network | threads | | calls.py five threads
calls.py five threads | io-bound/network | keep | synchronous | calls.py five sequential
calls.py five row | io-bound/network | async | | calls.py five gather
calls.py five urllib | io-bound/network | unblock-loop | | calls.py five gather
calls.py uneven sequential | io-bound/network | threads | | calls.py uneven threads
calls.py uneven row | io-bound/network | async | | calls.py uneven gather
calls.py stages sequential | io-bound/network | threads | | calls.py stages threads
calls.py stages row | io-bound/network | async | | calls.py stages gather
calls.py crunch sequential | io-bound/network | threads | | calls.py crunch threads
calls.py heavy sequential | mixed/* | async+parallel | | calls.py heavy both
calls.py many sequential | io-bound/network | threads | | calls.py many threads
calls.py many two | io-bound/network | threads keep | threads | calls.py many threads
both.py blocked | mixed/* cpu-bound/* | async+parallel unblock-loop | | both.py processes
both.py threads | mixed/* lock-bound/gil | async+parallel parallel | | both.py processes
pieces.py zlib sequential | cpu-bound/one-core | parallel | | pieces.py zlib threads
pieces.py digest threads | cpu-bound/all-cores | keep | synchronous | pieces.py digest sequential
pieces.py tokens sequential | cpu-bound/one-core | parallel | | pieces.py tokens processes
pieces.py tokens threads | lock-bound/gil cpu-bound/* | parallel | | pieces.py tokens processes
pieces.py tiny sequential | * | synchronous keep | parallel | pieces.py tiny processes
pieces.py tiny processes | * | synchronous | | pieces.py tiny sequential
pieces.py ranges sequential | cpu-bound/one-core | parallel | | pieces.py ranges processes
pieces.py slices processes | * | parallel synchronous | synchronous | pieces.py slices sequential
twins waits sequential | io-bound/timer | threads async | | twins waits threads
twins waits threads | io-bound/timer | keep | synchronous | twins waits sequential
twins uneven sequential | io-bound/timer | threads async | | twins uneven threads
twins calls sequential | io-bound/network | threads | | twins calls threads
twins crunch sequential | mixed/* io-bound/network | async+parallel threads | | twins crunch threads
twins loop sequential | io-bound/timer | unblock-loop | | twins timers sequential
twins count sequential | cpu-bound/one-core | parallel | | twins count threads
twins count threads | cpu-bound/all-cores | keep | synchronous | twins count sequential
twins crowd threads | oversubscribed/all-cores | reduce-threads | | twins crowd two
twins crowd sequential | cpu-bound/one-core | parallel | | twins crowd threads
twins locked threads | lock-bound/mutex | reduce-contention | | twins apart threads
twins pieces threads | * | synchronous | | twins pieces sequential
"""
PAUSE_S = 1.5      # before it is
COMPUTING = ("cpu-bound", "mixed", "lock-bound", "oversubscribed")


def busy_s():
    """CPU time of the whole machine since it started."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system = (int(word) for word in file.readline().split()[1:4])
    return (user + nice + system) / os.sysconf("SC_CLK_TCK")


def accepted(verdict, wanted):
    klass, resource = verdict
    return any(one == "*" or one.split("/")[0] == klass and one.split("/")[1] in ("*", resource) for one in wanted.split())


class Bench:
    def __init__(self, options):
        self.options = options
        self.tool = os.path.abspath(options.tool)
        self.folder = tempfile.mkdtemp(prefix="accuracy-")
        self.twins = os.path.join(self.folder, "twins")
        self.profiles = {}
        # Before everything else that wants a CPU, the one that looks before those that it looks at.
        self.first, self.looker = (["chrt", "-r", "1"], ["chrt", "-f", "2"]) if options.realtime else ([], [])
        subprocess.run(["c++", "-std=c++20", "-O2", "-g", "-pthread", str(FOLDER / "twins.cpp"), "-o", self.twins], check=True)
        self.server = subprocess.Popen(self.looker + [sys.executable, str(FOLDER / "server.py")], stdout=subprocess.PIPE, text=True)
        self.env = dict(os.environ, PORT=self.server.stdout.readline().strip(), PYTHONDONTWRITEBYTECODE="1")

    def close(self):
        self.server.kill()
        self.server.wait()

    def command(self, text):
        words = text.split()
        return self.first + ([self.twins] + words[1:] if words[0] == "twins" else [self.options.python] + words)

    def undisturbed(self, command):
        """Runs it; its wall time, and the cores that others used meanwhile."""
        own, busy, start = os.times(), busy_s(), time.monotonic()
        subprocess.run(command, env=self.env, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
        wall, after = time.monotonic() - start, os.times()
        used = after.children_user + after.children_system - own.children_user - own.children_system
        return wall, max(0.0, busy_s() - busy - used) / wall

    def least_disturbed(self, command, wanted):
        """Walls of the `wanted` runs with the least neighbours; tries again while others hold the CPUs."""
        runs = []
        for _ in range(3 * wanted):
            runs.append(self.undisturbed(command))
            if sum(neighbours < self.options.neighbours for _, neighbours in runs) >= wanted:
                break
            if runs[-1][1] >= self.options.neighbours:
                time.sleep(PAUSE_S)
        return [wall for wall, _ in sorted(runs, key=lambda run: run[1])[:wanted]]

    def wall(self, text):
        return statistics.median(self.least_disturbed(self.command(text), self.options.repeat))

    def look(self, base, command):
        subprocess.run(self.looker + [self.tool, "profile", "--no-html", "-q", "-o", base, "--"] + command, env=self.env, cwd=FOLDER, check=True,
                       stdout=subprocess.DEVNULL)

    def profile(self, text):
        base = os.path.join(self.options.keep or self.folder, text.replace(" ", "_").replace(".py", ""))
        tries = [self.profiles[text]] if text in self.profiles else []
        while len(tries) < 5 and not any(one["machine"]["neighbours_cores"] < self.options.neighbours for one in tries):
            if tries:
                time.sleep(PAUSE_S)
            self.look(base, self.command(text))
            if self.first and json.loads(pathlib.Path(base + ".json").read_text(encoding="utf-8"))["processes"][0]["name"] == "chrt":
                self.look(base, self.command(text)[len(self.first):])  # it ended before it was seen to be another program
            tries.append(json.loads(pathlib.Path(base + ".json").read_text(encoding="utf-8")))
        self.profiles[text] = min(tries, key=lambda one: one["machine"]["neighbours_cores"])
        return self.profiles[text]

    def row(self, before, verdicts, models, model, after):
        session = self.profile(before)
        verdict = session["verdict"]["class"], session["verdict"]["resource"]
        advised = session["advice"]["model"]
        found = [one for one in session["advice"]["predictions"] if one["model"] == (model or advised)]
        low, high = found[0]["wall_s"] if found else (0, 0)
        measured = self.wall(after)
        return {"before": before, "after": after, "verdict": "/".join(verdict).rstrip("/"), "verdict_right": accepted(verdict, verdicts), "advised": advised,
                "advice_right": advised in models.split(), "model": model or advised, "low": low, "high": high, "measured": measured,
                "wall": session["measurement"]["wall_s"],
                "widest": 2.0 if verdict[0] in COMPUTING else 1.5, "inside": low <= measured <= high}


def said(row):
    return (f"{'ok ' if row['verdict_right'] and row['advice_right'] and row['inside'] else 'NO '} {row['before']}: {row['verdict']} -> {row['advised']}; {row['model']} "
            f"{row['low']:.3f} to {row['high']:.3f}, measured {row['measured']:.3f} {'in' if row['inside'] else 'OUT'} ({row['after']}; was {row['wall']:.3f})")


def lines_of(rows, python, how):
    share = lambda key: f"{sum(row[key] for row in rows)} of {len(rows)}"
    wide = [row for row in rows if row["low"] > 0 and row["high"] / row["low"] > row["widest"] + 0.005]
    losses = [row for row in rows if row["measured"] > 1.1 * row["wall"]]
    told = sum(row["low"] > row["wall"] for row in losses)
    out = ["## Predictions", "",
           "Each program is profiled, then the change is made (another program of `bench/accuracy/`), and the median wall time of the changed program is",
           "compared with the interval that was predicted. Rows whose checked model is not the advised one check that losses and missing gains are",
           f"predicted too. {platform.system()} {platform.release()}, {os.cpu_count()} CPUs, {python}{how}. Made by `bench/accuracy.py`.", "",
           f"Verdicts right: {share('verdict_right')}. Advice right: {share('advice_right')}. Measured inside the predicted interval: {share('inside')}. "
           f"Intervals wider than promised (1.5 for waiting, 2 for computing): {len(wide)}. Changes that cost more than a tenth, predicted as a loss: {told} of {len(losses)}.", "",
           "What can't be seen from outside, and is named as an assumption of each prediction: whether a wait needs the answer of the one before (`stages`),",
           "in how small pieces the work is handed over (`tiny`), how many writes a disk serves at once (`journal`).", "",
           "| before | verdict | advised | checked model | after | was s | predicted s | measured s | inside | high/low |", "|---|---|---|---|---|---:|---:|---:|---|---:|"]
    for row in rows:
        ratio = f"{row['high'] / row['low']:.2f}" if row["low"] > 0 else ""
        out.append(f"| {row['before']} | {row['verdict']}{'' if row['verdict_right'] else ' (wrong)'} | {row['advised']}{'' if row['advice_right'] else ' (wrong)'} | {row['model']} | "
                   f"{row['after']} | {row['wall']:.3f} | {row['low']:.3f} to {row['high']:.3f} | {row['measured']:.3f} | {'yes' if row['inside'] else '**no**'} | {ratio} |")
    return out


def parse():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tool")
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--python", default="/usr/bin/python3")
    arguments.add_argument("--repeat", type=int, default=3)
    arguments.add_argument("--neighbours", type=float, default=0.25, help="cores that others use from which a run is done again")
    arguments.add_argument("--realtime", action="store_true", help="run them by real-time scheduling, on a machine that has other work (root)")
    arguments.add_argument("--part", default="1/1")
    arguments.add_argument("--results", default="")
    arguments.add_argument("--keep", default="", help="folder that keeps the measurements")
    return arguments.parse_intermixed_args()


def main():
    options = parse()
    pairs = [[cell.strip() for cell in line.split("|")] for line in PAIRS.strip().splitlines()]
    part, parts = (int(number) for number in options.part.split("/"))
    mine = [pair for index, pair in enumerate(pairs) if index * parts // len(pairs) == part - 1]
    if options.names:
        mine = [pair for pair in pairs if any(pair[0].startswith(name) for name in options.names)]
    results = pathlib.Path(options.results) if options.results else None
    rows = json.loads(results.read_text(encoding="utf-8")) if results and results.exists() else {}
    bench = Bench(options)
    try:
        for pair in mine:
            row = bench.row(*pair)
            rows[" | ".join(pair)] = row
            print(said(row), flush=True)
            if results:
                results.write_text(json.dumps(rows), encoding="utf-8")
    finally:
        bench.close()
    ordered = [rows[key] for key in (" | ".join(pair) for pair in pairs) if key in rows]
    for key, name in (("verdict_right", "verdict"), ("advice_right", "advice"), ("inside", "prediction")):
        print(f"{name}: {sum(row[key] for row in ordered)} of {len(ordered)}")
    if not options.names and part == parts:
        version = subprocess.run([options.python, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        write_section("predictions", "bench/accuracy.py", lines_of(ordered, version, ", by real-time scheduling beside other work" if options.realtime else ""))
    return 0 if sum(row["inside"] for row in ordered) >= 0.9 * len(ordered) else 1


if __name__ == "__main__":
    sys.exit(main())
