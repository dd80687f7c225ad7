#!/usr/bin/env python3
"""report.py BUILD_FOLDER [RUNS]: what `concadvise report` takes for the largest session.

An hour of 1,000 threads and 1,000,000 samples in 20,000 different stacks, read from its JSON and written as a page: median
wall and CPU time and the most memory. Wanted: below 1 s and 200 MB. Use an optimised build and a quiet machine.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time


def once(program, session, page):
    start = time.monotonic()
    process = subprocess.Popen([program, "report", session, "-o", page], stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{program} failed: {status}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    build = sys.argv[1]
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    with tempfile.TemporaryDirectory() as folder:
        session = os.path.join(folder, "largest.json")
        page = os.path.join(folder, "largest.html")
        subprocess.run([os.path.join(build, "tests/reports/write_samples"), "--largest", session], check=True)
        taken = [once(os.path.join(build, "concadvise"), session, page) for _ in range(runs)]
        wall, cpu, memory = (statistics.median(column) for column in zip(*taken))
        print(f"session {os.path.getsize(session) / 1e6:.0f} MB, page {os.path.getsize(page) / 1e6:.2f} MB")
        print(f"wall {wall:.2f} s, CPU {cpu:.2f} s, memory {memory / 1e6:.0f} MB (medians of {runs})")


if __name__ == "__main__":
    main()
