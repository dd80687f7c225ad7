#!/usr/bin/env python3
"""gil.py [--concadvise PATH] [--python PATH] [--as-user UID] [--seconds N]: waiting for the GIL, measured against what threads say.

Threads of pure Python either hold the GIL and compute or wait for it: a thread's own life less its own CPU time (time.thread_time)
is what it waited, whatever the profiler says. Threads that sleep, take turns at a lock or at a queue hardly wait for the GIL. Prints
a table; exit 1 when a share is more than --within away from what the threads say."""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

PROGRAM = r'''
import json, sys, threading, time, queue
kind, count, seconds, result = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
lock, items, said = threading.Lock(), queue.Queue(), []
end = time.monotonic() + seconds
def compute():
    while time.monotonic() < end:
        for _ in range(10000): pass
def sleep():
    while time.monotonic() < end: time.sleep(0.01)
def take_turns():
    while time.monotonic() < end:
        with lock: time.sleep(0.005)
def wait_for_items():
    while items.get() is not None: pass
def worker():
    began = time.monotonic()
    {"computing": compute, "sleeping": sleep, "locking": take_turns, "queueing": wait_for_items}[kind]()
    said.append({"life_s": time.monotonic() - began, "cpu_s": time.thread_time()})
threads = [threading.Thread(target=worker) for _ in range(count)]
for thread in threads: thread.start()
if kind == "queueing":
    while time.monotonic() < end: items.put(1); time.sleep(0.005)
    for _ in threads: items.put(None)
for thread in threads: thread.join()
json.dump(said, open(result, "w"))
'''


def measured(options, kind, count, folder):
    script = folder / "program.py"
    script.write_text(PROGRAM)
    said = folder / "said.json"
    command = [options.concadvise, "profile", "-q", "--no-html", "-o", str(folder / "session"), "--", options.python, str(script), kind,
               str(count), str(options.seconds), str(said)]
    if options.as_user:
        folder.chmod(0o777)
        command = ["setpriv", f"--reuid={options.as_user}", f"--regid={options.as_user}", "--clear-groups"] + command
    said.unlink(missing_ok=True)
    subprocess.run(command, check=True, cwd=folder)
    threads = json.loads(said.read_text())
    life = sum(each["life_s"] for each in threads)
    session = json.loads((folder / "session.json").read_text())
    workers = [each for each in session["threads"] if each["tid"] != each["pid"]]
    waited = sum(each["states"]["gil"] for each in workers) / life
    queued = sum(each["states"]["runnable"] for each in workers) / life
    implied = 1 - sum(each["cpu_s"] for each in threads) / life - queued if kind == "computing" else 0.0
    return waited, max(0.0, implied), session["verdict"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--concadvise", default="build/dev/concadvise")
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--as-user", type=int)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--within", type=float, default=0.05)
    options = parser.parse_args()
    options.concadvise = str(pathlib.Path(options.concadvise).resolve())
    wrong = 0
    print("| threads | waiting for the GIL, measured | by the threads' own clocks | verdict |\n|---|---:|---:|---|")
    with tempfile.TemporaryDirectory() as name:
        for kind, count in [("computing", 1), ("computing", 2), ("computing", 4), ("computing", 8), ("sleeping", 4), ("locking", 4), ("queueing", 4)]:
            waited, implied, verdict = measured(options, kind, count, pathlib.Path(name))
            wrong += abs(waited - implied) > options.within
            print(f"| {count} {kind} | {waited:.1%} | {implied:.1%} | {verdict['class']}/{verdict['resource']} |", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
