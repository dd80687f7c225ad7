#!/usr/bin/env python3
"""accuracy.py CONCADVISE [--python PY] [--repeat N] [-o FILE]: profiles programs before a change, measures them after it, and writes how
often the measured wall time lies in the interval that was predicted (docs/ACCURACY.md). Run it on a machine that does nothing else."""
import argparse
import http.server
import json
import os
import statistics
import subprocess
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "accuracy")

# before, accepted models; model whose prediction is checked (empty: the advised one), after
PAIRS = [
    ("waits.py sequential", "threads|async", "", "waits.py threads"),
    ("waits.py threads", "keep", "", "waits.py threads"),
    ("waits.py threads", "keep", "synchronous", "waits.py sequential"),
    ("waits.py asyncio", "keep", "", "waits.py asyncio"),
    ("count.py sequential 12000000", "parallel", "", "count.py processes 12000000"),
    ("count.py sequential 12000000", "parallel", "threads", "count.py threads 12000000"),
    ("count.py threads 12000000", "parallel", "", "count.py processes 12000000"),
    ("count.py processes 12000000", "keep", "synchronous", "count.py sequential 12000000"),
    ("count.py sequential 100000", "synchronous", "parallel", "count.py processes 100000"),
    ("loop.py blocked", "unblock-loop", "", "loop.py fixed"),
    ("calls.py sequential", "threads", "", "calls.py threads"),
    ("calls.py row", "async", "", "calls.py gather"),
    ("calls.py urllib", "unblock-loop", "", "calls.py gather"),
    ("calls.py threads", "keep", "synchronous", "calls.py sequential"),
    ("both.py blocked", "async+parallel|unblock-loop", "", "both.py processes"),
    ("both.py threads", "async+parallel|parallel", "", "both.py processes"),
    ("twins waits sequential", "threads", "", "twins waits threads"),
    ("twins waits threads", "keep", "synchronous", "twins waits sequential"),
    ("twins count sequential", "parallel", "", "twins count threads"),
    ("twins count threads", "keep", "synchronous", "twins count sequential"),
]


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.3)
        body = b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tool")
    arguments.add_argument("--python", default="/usr/bin/python3")
    arguments.add_argument("--repeat", type=int, default=5)
    arguments.add_argument("-o", default=os.path.join(HERE, "..", "docs", "ACCURACY.md"))
    options = arguments.parse_args()
    tool = os.path.abspath(options.tool)
    folder = tempfile.mkdtemp()
    twins = os.path.join(folder, "twins")
    subprocess.run(["c++", "-std=c++20", "-O2", "-pthread", os.path.join(FOLDER, "twins.cpp"), "-o", twins], check=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    env = dict(os.environ, PORT=str(server.server_port), PYTHONDONTWRITEBYTECODE="1")

    def command(text):
        words = text.split()
        return [twins] + words[1:] if words[0] == "twins" else [options.python] + words

    def wall(text):
        start = time.monotonic()
        subprocess.run(command(text), env=env, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - start

    rows, profiles = [], {}
    for before, models, model, after in PAIRS:
        if before not in profiles:
            base = os.path.join(folder, str(len(profiles)))
            subprocess.run([tool, "profile", "--no-html", "-q", "-o", base, "--"] + command(before), env=env, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
            with open(base + ".json", encoding="utf-8") as file:
                profiles[before] = json.load(file)
        session = profiles[before]
        advised = session["advice"]["model"]
        found = [one for one in session["advice"]["predictions"] if one["model"] == (model or advised)]
        low, high = found[0]["wall_s"] if found else (0, 0)
        measured = statistics.median(wall(after) for _ in range(options.repeat))
        verdict = session["verdict"]["class"] + "/" + session["verdict"]["resource"]
        rows.append((before, verdict, advised, advised in models.split("|"), model or advised, after, low, high, measured, low <= measured <= high))
        print(*rows[-1], flush=True)

    right, inside = sum(row[3] for row in rows), sum(row[9] for row in rows)
    with open(options.o, "w", encoding="utf-8") as file:
        file.write("# Accuracy of the predictions\n\nWritten by `bench/accuracy.py`. Each program is profiled, the change is made (another program of "
                   "`bench/accuracy/`), and the\nmedian wall time of the changed program is compared with the interval that was predicted. Rows whose checked model is "
                   "not\nthe advised one check that losses and missing gains are predicted too.\n\n"
                   f"Machine: {os.cpu_count()} CPUs, load average {os.getloadavg()[0]:.1f} at the end. Advice right: {right} of {len(rows)}. "
                   f"Inside the interval: {inside} of {len(rows)}.\n\n"
                   "| before | verdict | advised | checked model | after | predicted s | measured s | inside | high/low |\n|---|---|---|---|---|---|---|---|---|\n")
        for before, verdict, advised, ok, model, after, low, high, measured, hit in rows:
            ratio = f"{high / low:.2f}" if low > 0 else ""
            file.write(f"| {before} | {verdict} | {advised}{'' if ok else ' (wrong)'} | {model} | {after} | {low:.3f} to {high:.3f} | {measured:.3f} | "
                       f"{'yes' if hit else 'no'} | {ratio} |\n")


if __name__ == "__main__":
    main()
