#!/usr/bin/env python3
"""What the first and the second run of lint cost beside the compiler's own parse and clang-tidy, side by side on one core.

    bench/lint_speed.py BUILD/compile_commands.json [--rounds 3] [--every N] [--concadvise build/release/concadvise]

Each round runs, one after the other over the same entries: `clang++ -fsyntax-only` on each, lint with an empty cache, lint
again with nothing changed, lint with every body parsed (--full), and clang-tidy with its concurrency and coroutine checks.
The order turns from round to round. Figures are CPU seconds of all processes (user and system) and medians over the rounds;
lint's findings must be those of --full. `--workers` also compares the wall time of two workers with one. Entries whose
compiler run fails count as well: all programs get the same input.

`--save FILE` adds the rounds to those in FILE, so that a long measurement can be made in pieces; `--steps a,b` runs some
steps only, and the table shows the medians of all that FILE has."""

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
    parser.add_argument("--steps", help="of clang, cold, warm, full, tidy, workers; default: all but workers")
    parser.add_argument("--save", type=pathlib.Path)
    options = parser.parse_args()
    concadvise = str(pathlib.Path(options.concadvise).resolve())
    clang, tidy = newest("clang++"), None if options.no_tidy else newest("clang-tidy")
    if not clang:
        sys.exit("clang++ is not installed")
    entries = entries_of(options.database, options.every)
    wanted = (options.steps or "clang,cold,warm,full,tidy").split(",") + (["workers"] if options.workers else [])
    saved = json.loads(options.save.read_text()) if options.save and options.save.exists() else {"cpu": {}, "wall": {}, "findings": {}}
    with tempfile.TemporaryDirectory() as scratch:
        (pathlib.Path(scratch) / "compile_commands.json").write_text(json.dumps(entries))
        lint = [concadvise, "lint", "-p", scratch, "--format", "json", "-q", "-j", "1"]
        cache = ["--cache-dir", f"{scratch}/cache"]
        found = {}

        def cold():
            shutil.rmtree(f"{scratch}/cache", ignore_errors=True)
            found["cold"] = quiet([*lint, *cache])

        def warm():
            found["warm"] = quiet([*lint, *cache])

        def full():
            found["full"] = quiet([*lint, "--no-cache", "--full"])

        steps = {
            "clang": lambda: [quiet(syntax_only(e, clang), e["directory"]) for e in entries],
            "cold": cold,
            "warm": warm,
            "full": full,
            "tidy": lambda: [quiet([tidy, "-p", scratch, "--quiet", f"-checks={TIDY_CHECKS}", os.path.join(e["directory"], e["file"])])
                             for e in entries],
        }
        names = [name for name in steps if name in wanted and (name != "tidy" or tidy)]
        for number in range(options.rounds):
            # A second run needs the cache of a first: the two stay neighbours.
            order = names if number % 2 == 0 else sorted(names, key=["clang", "full", "tidy", "cold", "warm"].index)
            for name in order:
                if name == "warm" and not os.path.exists(f"{scratch}/cache"):
                    quiet([*lint, *cache])
                saved["cpu"].setdefault(name, []).append(timed(steps[name])[0])
            for jobs in ("1", "2") if "workers" in wanted else ():
                saved["wall"].setdefault(jobs, []).append(timed(lambda: quiet([*lint[:-1], jobs, "--no-cache"], core=False))[1])
        saved["findings"].update({name: findings(output) for name, output in found.items()})
    saved["sources"] = len(entries)
    if options.save:
        options.save.write_text(json.dumps(saved))
    report(options.database, saved, clang)


LABELS = {"clang": "clang -fsyntax-only", "cold": "lint, first run", "warm": "lint, second run", "full": "lint --full", "tidy": "clang-tidy"}


def report(database, saved, clang):
    median = {name: statistics.median(values) for name, values in saved["cpu"].items()}
    rounds = ", ".join(f"{name} {len(values)}" for name, values in saved["cpu"].items())
    print(f"{database}: {saved['sources']} sources, rounds: {rounds}, {clang}, one core\n")
    columns = [name for name in ("clang", "tidy") if name in median]
    print(f"{'':22}{'CPU s':>9}{'s/source':>10}" + "".join(f"{'x ' + name:>9}" for name in columns))
    for name in (name for name in LABELS if name in median):
        print(f"{LABELS[name]:22}{median[name]:9.2f}{median[name] / saved['sources']:10.3f}" + "".join(f"{median[name] / median[c]:9.3f}" for c in columns))
    if "warm" in median and "cold" in median:
        print(f"\nsecond run / first run: {median['warm'] / median['cold']:.2%}")
    found = saved["findings"]
    for other in ("full", "warm"):
        if "cold" in found and other in found:
            same = [tuple(f) for f in found["cold"]] == [tuple(f) for f in found[other]]
            print(f"findings: {len(found['cold'])} in the first run, {'the same' if same else 'NOT the same'} in {LABELS[other]} ({len(found[other])})")
    if saved["wall"]:
        one, two = (statistics.median(saved["wall"][jobs]) for jobs in ("1", "2"))
        print(f"wall: one worker {one:.2f} s, two workers {two:.2f} s: {one / two:.2f} times as fast")


if __name__ == "__main__":
    main()
