#!/usr/bin/env python3
"""cost.py [--rounds N] [--targets NAME,...] [--tools NAME,...] [-o FILE]: what measuring costs the target, side by side.

Each round runs every target under every tool, in an order that rotates; a figure is the median over the rounds of the ratio to the
same round's run without a tool. Targets that are launched (gzip, pipe, python) are compared by their CPU time and wall time, servers
under load (redis, nginx) by CPU time per request. Needs root, and nothing else running: with busy neighbours the ratios are noise.
Tools that are not installed are left out, and said. Debian: linux-perf strace libbpf-tools redis-server redis-tools nginx-light wrk
"""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
REQUESTS = 150_000
LOAD_SECONDS = 3
SETTLE_SECONDS = 1.0  # an attached tool needs to be in place before the load starts
os.environ["PATH"] += ":/usr/sbin"


class Tool:
    """How a tool is put around a command and onto running processes. `around` and `onto` give the words to run."""

    def __init__(self, name, needs, around, onto, beside=False):
        self.name, self.needs, self.around, self.onto = name, needs, around, onto
        self.beside = beside  # runs beside a launched command (system-wide), not around it


def tools(concadvise, work):
    data = f"{work}/perf.data"
    out = f"{work}/result"

    def pids(flag, processes):
        return [word for pid in processes for word in (flag, str(pid))]

    def perf(name, *words):
        return Tool(name, "perf", lambda command: ["perf", *words, "--", *command],
                    lambda processes: ["perf", *words, "-p", ",".join(map(str, processes))])

    def ours(level):
        words = [str(concadvise), "profile", "-q", "--level", level, "-o", out]
        return Tool(f"concadvise {level}", str(concadvise), lambda command: [*words, "--", *command],
                    lambda processes: [*words, *pids("-p", processes)])

    return [
        Tool("none", "bash", lambda command: command, None),
        perf("perf stat", "stat", "-o", f"{work}/perf.stat"),
        perf("perf record 99 Hz", "record", "-q", "-o", data, "-e", "cpu-clock", "-F", "99", "-g"),
        perf("perf record 999 Hz", "record", "-q", "-o", data, "-e", "cpu-clock", "-F", "999", "-g"),
        perf("perf trace -s", "trace", "-s", "-o", f"{work}/perf.trace"),
        Tool("strace -c -f", "strace", lambda command: ["strace", "-c", "-f", "-o", f"{work}/strace", *command],
             lambda processes: ["strace", "-c", "-f", "-o", f"{work}/strace", *pids("-p", processes)]),
        Tool("offcputime", "offcputime", lambda command: ["offcputime"],
             lambda processes: ["offcputime", "-p", str(processes[-1])], beside=True),
        ours("procfs"), ours("perf"), ours("sched"), ours("auto"),
    ]


def cpu_of(processes):
    """CPU seconds of the processes' threads so far, exact to the nanosecond."""
    total = 0
    for pid in processes:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                total += int((task / "schedstat").read_text().split()[0])
    return total * 1e-9


class Peak(threading.Thread):
    """Watches how much memory a process has had at most. The kernel's own figure starts from what forked it."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.mib = pid, None
        self.start()

    def run(self):
        with contextlib.suppress(OSError, StopIteration):
            while True:
                status = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
                self.mib = int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024
                time.sleep(0.05)


class Run:
    """One run: cpu_s, wall_s of the target; tool_cpu_s, peak_mib, ready_s of the tool; None where it does not apply."""

    def __init__(self, cpu_s, wall_s=None, tool_cpu_s=None, peak_mib=None, ready_s=None, own=None):
        self.cpu_s, self.wall_s, self.tool_cpu_s, self.peak_mib, self.ready_s, self.own = cpu_s, wall_s, tool_cpu_s, peak_mib, ready_s, own


def own_figures(work):
    """What concadvise's report says of its own cost, and removes it."""
    path = pathlib.Path(f"{work}/result.json")
    if not path.exists():
        return None
    measurement = json.loads(path.read_text())["measurement"]
    path.unlink()
    return measurement


def launched(tool, command, work):
    """Runs a command under a tool. The shell around it takes the times, so that they are the command's and not the tool's."""
    times = pathlib.Path(work) / "times"
    timed = ["bash", "-c", f'begin=$EPOCHREALTIME; {command} >{work}/stdout; end=$EPOCHREALTIME; times > {times}; echo $begin $end >> {times}']
    with contextlib.ExitStack() as stack:
        if tool.beside:
            stack.enter_context(attached(tool.around(timed)))
            words = timed
        else:
            words = tool.around(timed)
        with open(os.devnull, "w") as quiet:
            process = subprocess.Popen(words, stdout=quiet, stderr=quiet, stdin=subprocess.DEVNULL)
            peak = Peak(process.pid)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        ended = time.time()
    if process.returncode != 0:
        raise RuntimeError(f"{tool.name}: exit {process.returncode}")
    shell, children, clock = times.read_text().splitlines()
    cpu = sum(60 * float(m) + float(s[:-1]) for m, s in (word.split("m") for word in (shell + " " + children).split()))
    begin, end = map(float, clock.split())
    if tool.name == "none" or tool.beside:
        return Run(cpu, end - begin)
    tool_cpu = usage.ru_utime + usage.ru_stime - cpu  # negative when the tool does not wait for the command itself: unknown
    return Run(cpu, end - begin, tool_cpu if tool_cpu >= 0 else None, peak.mib, ended - end, own_figures(work))


@contextlib.contextmanager
def attached(words):
    """A tool that runs beside the target and is ended by ^C; gives a dictionary that has its cost afterwards."""
    cost = {}
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    peak = Peak(process.pid)
    time.sleep(SETTLE_SECONDS)
    if process.poll() is not None:
        raise RuntimeError(f"{' '.join(words)}: ended at once, exit {process.returncode}")
    try:
        yield cost
    finally:
        process.send_signal(signal.SIGINT)
        asked = time.time()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        cost.update(cpu_s=usage.ru_utime + usage.ru_stime, peak_mib=peak.mib, ready_s=time.time() - asked)


def served(tool, server, work):
    """CPU seconds per request of a server under load, while the tool is attached to it."""
    with server(work) as (processes, load):
        with contextlib.ExitStack() as stack:
            cost = stack.enter_context(attached(tool.onto(processes))) if tool.onto else {}
            load(0.2)  # warm
            before = cpu_of(processes)
            begin = time.monotonic()
            requests = load(1)
            wall = time.monotonic() - begin
            cpu = cpu_of(processes) - before
    return Run(cpu / requests, wall / requests, cost.get("cpu_s"), cost.get("peak_mib"), cost.get("ready_s"), own_figures(work))


def wait_for_port(port):
    import socket
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


@contextlib.contextmanager
def redis(work):
    words = ["redis-server", "--port", "17379", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", work]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)

    def load(share):
        count = int(REQUESTS * share)
        subprocess.run(["redis-benchmark", "-p", "17379", "-t", "get", "-n", str(count), "-c", "20", "-q"], check=True, stdout=subprocess.DEVNULL)
        return count

    try:
        wait_for_port(17379)
        yield [process.pid], load
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def nginx(work):
    folder = pathlib.Path(work) / "nginx"
    (folder / "www").mkdir(parents=True, exist_ok=True)
    (folder / "www/index.html").write_text("hello\n" * 100)
    paths = "".join(f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "conf").write_text(f"worker_processes 1; daemon off; user root; pid {folder}/pid; error_log {folder}/error.log; events {{ }}\n"
                                 f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:17380; root {folder}/www; }} }}\n")
    process = subprocess.Popen(["nginx", "-c", str(folder / "conf")])

    def load(share):
        out = subprocess.run(["wrk", "-t1", "-c8", f"-d{max(0.5, LOAD_SECONDS * share):.0f}s", "http://127.0.0.1:17380/"], check=True,
                             capture_output=True, text=True).stdout
        return int(next(line.split()[0] for line in out.splitlines() if "requests in" in line))

    try:
        wait_for_port(17380)
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield [process.pid, *map(int, children)], load
    finally:
        process.terminate()
        process.wait()


def targets(work):
    text = pathlib.Path(work) / "text"
    with open(text, "wb") as file:  # C headers: as compressible as what gzip is used for
        for header in sorted(pathlib.Path("/usr/include").rglob("*.h")):
            with contextlib.suppress(OSError):
                file.write(header.read_bytes())
            if file.tell() > 24 << 20:
                break
    # Both ends of the pipe on one CPU: over 300,000 switches a second. Left to the scheduler they come to share one in some runs
    # and not in others, which alone makes a factor of thirty.
    return {
        "gzip": lambda tool: launched(tool, f"gzip -9 -c {text}", work),
        "pipe": lambda tool: launched(tool, "taskset -c 0 perf bench sched pipe -l 500000", work),
        "python": lambda tool: launched(tool, "python3 -c 'sum(i * i for i in range(25_000_000))'", work),
        "redis": lambda tool: served(tool, redis, work),
        "nginx": lambda tool: served(tool, nginx, work),
    }


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def text_of(value, form):
    return "" if value is None else form.format(value)


def table(results, names, tool_names):
    """Markdown lines. results: {(target, tool): [Run by round]}; a run that failed is None."""
    for target in names:
        yield f"### {target}"
        yield ""
        yield "| tool | target CPU | wall | tool's CPU, s | peak MiB | results after, s |"
        yield "|---|---:|---:|---:|---:|---:|"
        for tool in tool_names:
            pairs = [(run, base) for run, base in zip(results[target, tool], results[target, "none"]) if run and base]
            if not pairs:
                yield f"| {tool} | failed | | | | |"
                continue
            runs = [run for run, _ in pairs]
            cells = [text_of(median([run.cpu_s / base.cpu_s for run, base in pairs]), "{:.2f}"),
                     text_of(median([run.wall_s / base.wall_s for run, base in pairs]), "{:.2f}"),
                     text_of(median([run.tool_cpu_s for run in runs]), "{:.3f}"),
                     text_of(median([run.peak_mib for run in runs]), "{:.0f}"),
                     text_of(median([run.ready_s for run in runs]), "{:.2f}")]
            said = median([run.own["own_cpu_s"] for run in runs if run.own])
            cells[2] += f" (says {said:.3f})" if said is not None else ""
            yield f"| {tool} | " + " | ".join(cells) + " |"
        bases = [run for run in results[target, "none"] if run]
        spread = [run.cpu_s / bases[0].cpu_s for run in bases]
        yield ""
        yield f"Without a tool: {median([run.cpu_s for run in bases]):.4g} s of CPU; over the rounds {min(spread):.2f} to {max(spread):.2f} of the first."
        yield ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--concadvise", type=pathlib.Path, default=ROOT / "build/release/concadvise")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--targets", default="gzip,pipe,redis,nginx")
    parser.add_argument("--tools", help="names, with commas (default: all)")
    parser.add_argument("-o", type=pathlib.Path, help="write the tables here too")
    options = parser.parse_args()
    if os.getuid() != 0:
        print("needs root: perf trace and offcputime do", file=sys.stderr)
        return 2
    if not options.concadvise.exists():
        print(f"{options.concadvise} is missing: cmake --preset release && cmake --build --preset release --target concadvise, "
              "or --concadvise FILE", file=sys.stderr)
        return 2
    work = tempfile.mkdtemp(prefix="cost-")
    chosen = options.targets.split(",")
    wanted = options.tools.split(",") if options.tools else None
    kept = [tool for tool in tools(options.concadvise.resolve(), work) if tool.name == "none" or wanted is None or tool.name in wanted]
    for tool in [tool for tool in kept if not shutil.which(tool.needs)]:
        print(f"left out, not installed: {tool.name}", file=sys.stderr)
        kept.remove(tool)
    results = {(target, tool.name): [] for target in chosen for tool in kept}
    try:
        run_target = targets(work)
        for number in range(options.rounds):
            for target in chosen:
                for tool in kept[number % len(kept):] + kept[:number % len(kept)]:
                    try:
                        run = run_target[target](tool)
                    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                        print(f"round {number + 1} {target}: {error}", file=sys.stderr)
                        run = None
                    results[target, tool.name].append(run)
                print(f"round {number + 1} of {options.rounds}: {target} done, load average {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    text = "\n".join(table(results, chosen, [tool.name for tool in kept]))
    print(text)
    if options.o:
        options.o.write_text("# What measuring costs\n\nRatios to a run without a tool, medians of "
                             f"{options.rounds} interleaved rounds, {os.cpu_count()} CPUs. Made by bench/cost.py.\n\n{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
