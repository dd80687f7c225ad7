#!/usr/bin/env python3
"""lint_py_speed.py [--rounds N] [--concadvise FILE] FOLDER...: time per Python file of `concadvise lint` and of ruff's wasm build.

ruff's wasm build runs on one thread, so concadvise is given one (-j1) as well; with all processors is shown beside it. Both get the
same files, in turns, and a figure is the median over the rounds. For concadvise the whole process counts, start to end, with nothing
kept from earlier runs; for ruff only its checks: start of node, loading of the module and reading of the files are left out. ruff
runs its ASYNC rules and RUF006, those nearest to ours, once with and once without its own default rules beside them.
Needs node and `npm install @astral-sh/ruff-wasm-nodejs` (--npm: the folder where that was done).
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
RUFF = """
const {Workspace, PositionEncoding} = require('@astral-sh/ruff-wasm-nodejs');
const fs = require('fs');
const [, , list, extra] = process.argv;
const workspace = new Workspace({lint: {select: ['ASYNC', 'RUF006'].concat(extra ? extra.split(',') : [])}}, PositionEncoding.Utf8);
const sources = fs.readFileSync(list, 'utf8').split('\\n').filter(Boolean).map(f => fs.readFileSync(f, 'utf8'));
const begin = process.hrtime.bigint();
let found = 0;
for (const source of sources) found += workspace.check(source).length;
console.log(JSON.stringify({seconds: Number(process.hrtime.bigint() - begin) / 1e9, found, version: Workspace.version()}));
"""


def python_files(folder):
    # What concadvise leaves out of a folder: hidden ones and those of environments and builds.
    out = []
    for base, folders, names in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in ("node_modules", "__pycache__", "venv", "build", "dist")]
        out += [os.path.join(base, n) for n in names if n.endswith(".py")]
    return sorted(out)


def ours(tool, files, jobs, keep=None):
    """Seconds, peak memory in MB, findings. `keep`: a folder of facts to use and fill."""
    command = [tool, "lint", "--format", "json", "-q", "--fail-on", "never", "-j", str(jobs)]
    command += ["--cache-dir", keep] if keep else ["--no-cache"]
    with tempfile.NamedTemporaryFile("w+") as out:
        begin = time.perf_counter()
        child = subprocess.Popen(command + files, stdout=out, stderr=subprocess.PIPE, text=True)
        error = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begin
        if os.waitstatus_to_exitcode(status) not in (0, 1, 3):
            sys.exit(f"{command[0]}: {error}")
        out.seek(0)
        found = len(json.load(out)["findings"])
    return seconds, usage.ru_maxrss / 1024, found


def ruff(script, files, extra, npm):
    with tempfile.NamedTemporaryFile("w") as names:
        names.write("\n".join(files))
        names.flush()
        done = subprocess.run(["node", script, names.name, extra], env={**os.environ, "NODE_PATH": os.path.join(npm, "node_modules")},
                              capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("folders", nargs="+")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--concadvise", default=str(ROOT / "build/release/concadvise"))
    options.add_argument("--npm", default=".")
    options = options.parse_args()
    script = tempfile.NamedTemporaryFile("w", suffix=".js")
    script.write(RUFF)
    script.flush()
    print("| folder | files | concadvise -j1 | all processors | nothing changed | ruff wasm, ASYNC | ruff wasm, default + ASYNC | MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for folder in options.folders:
        files = python_files(folder)
        times = {name: [] for name in ("one", "all", "again", "async", "default")}
        memory = 0
        with tempfile.TemporaryDirectory() as kept:
            ours(options.concadvise, files, 0, kept)
            for _ in range(options.rounds):
                seconds, peak, _ = ours(options.concadvise, files, 1)
                times["one"].append(seconds)
                times["async"].append(ruff(script.name, files, "", options.npm)["seconds"])
                seconds, wide, _ = ours(options.concadvise, files, 0)
                times["all"].append(seconds)
                times["default"].append(ruff(script.name, files, "E4,E7,E9,F", options.npm)["seconds"])
                times["again"].append(ours(options.concadvise, files, 0, kept)[0])
                memory = max(memory, peak, wide)
        per_file = {name: f"{statistics.median(values) * 1000 / len(files):.2f} ms" for name, values in times.items()}
        print(f"| {os.path.basename(os.path.normpath(folder))} | {len(files)} | {per_file['one']} | {per_file['all']} | {per_file['again']} | "
              f"{per_file['async']} | {per_file['default']} | {memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()
