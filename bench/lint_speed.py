#!/usr/bin/env python3
"""What the first and the second run of lint cost beside the compiler's own parse and clang-tidy, side by side on one core.

    bench/lint_speed.py BUILD/compile_commands.json [--rounds 3] [--every N] [--concadvise build/release/concadvise]

Each round runs, one after the other over the same entries: `clang++ -fsyntax-only` on each, lint with an empty cache, lint
again with nothing changed, lint with every body parsed (--full), and clang-tidy with its concurrency and coroutine checks.
The order turns from round to round. Figures are CPU seconds of all processes (user and system) and medians over the rounds;
lint's findings must be those of --full. `--workers` also compares the wall time of two workers with one. Entries whose
compiler run fails count as well: all programs get the same input."""

import argparse
import json
import os
import pathlib
import resource
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TIDY_CHECKS = ("-*,concurrency-*,misc-coroutine-hostile-raii,cppcoreguidelines-avoid-capturing-lambda-coroutines,"
               "cppcoreguidelines-avoid-reference-coroutine-parameters,cppcoreguidelines-no-suspend-with-lock")
OUTPUT_FLAGS = {"-o", "-MF", "-MT", "-MQ", "-MJ"}


def newest(name):
    for version in ("-22", "-19", ""):
        if shutil.which(name + version):
            return name + version
    return None


def entries_of(database, every):
    chosen = {}
    for entry in json.loads(database.read_text()):
        file = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
        if os.path.exists(file):
            chosen.setdefault(file, entry)  # a source built for several targets counts once
    return list(chosen.values())[::every]


def syntax_only(entry, clang):
    flags = entry.get("arguments") or shlex.split(entry["command"])
    kept, skip = [clang], False
    for flag in flags[1:]:
        if skip:
            skip = False
        elif flag in OUTPUT_FLAGS:
            skip = True
        elif flag not in ("-c", "-MD", "-MMD", "-MP") and not flag.startswith("-Werror"):
            kept.append(flag)
    return [*kept, "-w", "-fsyntax-only"]


def timed(work):
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start


def quiet(command, cwd=None, core=True):
    pinned = ["taskset", "-c", "0", *command] if core else command
    return subprocess.run([str(part) for part in pinned], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def findings(output):
    return [(f["rule"], f["file"], f["line"], f["message"]) for f in json.loads(output)["findings"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--every", type=int, default=1, help="take every Nth source only")
    parser.add_argument("--concadvise", default="build/release/concadvise")
    parser.add_argument("--no-tidy", action="store_true")
    parser.add_argument("--workers", action="store_true")
    options = parser.parse_args()
    concadvise = str(pathlib.Path(options.concadvise).resolve())
    clang, tidy = newest("clang++"), None if options.no_tidy else newest("clang-tidy")
    if not clang:
        sys.exit("clang++ is not installed")
    entries = entries_of(options.database, options.every)
    results = {}
    with tempfile.TemporaryDirectory() as scratch:
        (pathlib.Path(scratch) / "compile_commands.json").write_text(json.dumps(entries))
        lint = [concadvise, "lint", "-p", scratch, "--format", "json", "-q", "-j", "1"]
        cache = ["--cache-dir", f"{scratch}/cache"]

        def cold():
            shutil.rmtree(f"{scratch}/cache", ignore_errors=True)
            results["cold"] = quiet([*lint, *cache])

        def warm():
            if not os.path.exists(f"{scratch}/cache"):
                quiet([*lint, *cache])
            results["warm"] = quiet([*lint, *cache])

        def full():
            results["full"] = quiet([*lint, "--no-cache", "--full"])

        steps = {
            "clang -fsyntax-only": lambda: [quiet(syntax_only(e, clang), e["directory"]) for e in entries],
            "lint, first run": cold,
            "lint, second run": warm,
            "lint --full": full,
        }
        if tidy:
            steps["clang-tidy"] = lambda: [quiet([tidy, "-p", scratch, "--quiet", f"-checks={TIDY_CHECKS}", os.path.join(e["directory"], e["file"])])
                                           for e in entries]
        names, cpu = list(steps), {name: [] for name in steps}
        for number in range(options.rounds):
            order = names if number % 2 == 0 else [names[0], *names[3:], names[1], names[2]]
            for name in order:
                cpu[name].append(timed(steps[name])[0])
        median = {name: statistics.median(values) for name, values in cpu.items()}

        print(f"{options.database}: {len(entries)} sources, {options.rounds} rounds, {clang}, one core\n")
        print(f"{'':22}{'CPU s':>9}{'s/source':>10}{'x clang':>9}" + (f"{'x tidy':>9}" if tidy else ""))
        for name in names:
            row = f"{name:22}{median[name]:9.2f}{median[name] / len(entries):10.3f}{median[name] / median[names[0]]:9.3f}"
            print(row + (f"{median[name] / median['clang-tidy']:9.3f}" if tidy else ""))
        print(f"\nsecond run / first run: {median['lint, second run'] / median['lint, first run']:.2%}")
        same = findings(results["cold"]) == findings(results["full"])
        print(f"findings: {len(findings(results['cold']))}, {'the same as' if same else 'NOT those of'} --full, "
              f"{'the same' if findings(results['warm']) == findings(results['cold']) else 'NOT the same'} in the second run")
        if options.workers:
            walls = {jobs: [] for jobs in ("1", "2")}
            for _ in range(options.rounds):
                for jobs in walls:
                    walls[jobs].append(timed(lambda: quiet([*lint[:-1], jobs, "--no-cache"], core=False))[1])
            one, two = (statistics.median(walls[jobs]) for jobs in ("1", "2"))
            print(f"wall: one worker {one:.2f} s, two workers {two:.2f} s: {one / two:.2f} times as fast")


if __name__ == "__main__":
    main()
