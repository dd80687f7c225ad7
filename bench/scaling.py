#!/usr/bin/env python3
"""scaling.py CONCADVISE [NAME...]: `concadvise verify` and `concadvise compare` on real programs, into docs/ACCURACY.md: PostgreSQL's pgbench
with 1 to 8 clients, xz with 1 to 4 threads, a pool of 1 to 32 threads that sends blocking requests to a loopback server which serves eight
at a time. The fitted knee stands beside the measured one. Names select programs; --results keeps what was measured between runs."""
import argparse
import json
import os
import pathlib
import platform
import pwd
import shutil
import subprocess
import sys
import tempfile

from sections import write_section

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = ("pgbench", "xz", "pool")
SERVED_AT_ONCE = 8


class Postgres:
    """A server of its own in a folder of its own, on a local socket. It refuses root, so root starts it as `postgres`."""

    def __init__(self, folder):
        self.folder = folder
        self.binaries = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self.as_user:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, pwd.getpwnam("postgres").pw_gid)
            os.chmod(folder, 0o777)
        self.run("initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "bench")
        self.run("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", f"-k {folder} -c listen_addresses=''", "start")
        self.run("createdb", "-h", str(folder), "-U", "bench", "bench")
        self.run("pgbench", "-h", str(folder), "-U", "bench", "-i", "-q", "-s", "2", "bench")

    def run(self, name, *words):
        subprocess.run(self.as_user + [str(self.binaries / name), *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)

    def stop(self):
        self.run("pg_ctl", "-D", f"{self.folder}/data", "-m", "fast", "stop")


def tool(options, *words):
    done = subprocess.run([options.tool, *words], stdout=subprocess.PIPE, check=True, cwd=options.folder, env=options.env)
    return json.loads(done.stdout)


def profile(options, name, *command):
    subprocess.run([options.tool, "profile", "--no-html", "-q", "-o", name, "--", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
                   cwd=options.folder, env=options.env)


def measure(options, knob, values, command, throughput=()):
    """`verify` over the values, then `compare` of profiles at the smallest and at the one up to which it pays."""
    found = tool(options, "verify", "--format", "json", "--repeat", str(options.repeat), "--knob", f"{knob}=" + ",".join(str(v) for v in values), *throughput, "--", *command)
    ends = [str(values[0]), f"{found.get('pays_up_to', values[-1]):g}"]
    for end in ends:
        profile(options, f"at-{end}", *[word.replace("{" + knob + "}", end) for word in command])
    found["compare"] = tool(options, "compare", "--format", "json", f"at-{ends[0]}.json", f"at-{ends[1]}.json")
    found["ends"] = ends
    found["verdict"] = [json.loads((pathlib.Path(options.folder) / f"at-{end}.json").read_text())["verdict"] for end in ends]
    return found


def pgbench(options):
    server = Postgres(pathlib.Path(tempfile.mkdtemp(prefix="pg-")))
    try:
        found = measure(options, "CLIENTS", [1, 2, 4, 8], ["pgbench", "-h", str(server.folder), "-U", "bench", "-n", "-S", "-c", "{CLIENTS}", "-j", "{CLIENTS}", "-T", "2", "bench"],
                        ["--throughput", "tps = ([0-9.]+)"])
    finally:
        server.stop()
        shutil.rmtree(server.folder, ignore_errors=True)
    return found | {"what": "pgbench -S (select only), clients", "unit": "transactions/s"}


def xz(options):
    path = pathlib.Path(options.folder) / "text"
    path.write_text("".join(f"{n * 2654435761 % 4294967296:x} line {n} of the file\n" for n in range(450_000)))
    return measure(options, "THREADS", [1, 2, 4], ["xz", "-3", "--block-size=1MiB", "-T{THREADS}", "-k", "-c", str(path)]) | {"what": "xz -3, threads", "unit": "runs/s"}


def pool(options):
    server = subprocess.Popen([sys.executable, str(HERE / "accuracy" / "server.py"), str(SERVED_AT_ONCE)], stdout=subprocess.PIPE, text=True)
    options.env["PORT"] = server.stdout.readline().strip()
    try:
        return measure(options, "WORKERS", [1, 2, 4, 8, 16, 32], [options.python, str(HERE / "accuracy" / "pool.py"), "{WORKERS}"], ["--throughput", "([0-9.]+) requests/s"]) | {
            "what": f"a pool of threads with blocking requests, the server serves {SERVED_AT_ONCE} at a time; workers", "unit": "requests/s"}
    finally:
        server.kill()
        server.wait()


def lines_of(results):
    out = ["## Scalability", "", "`concadvise verify` runs a program at several settings of a knob, fits the universal scalability law and a fixed capacity, and takes the knee of the",
           "one that fits better; measured is the last setting that brought 5 % more. `concadvise compare` then compares profiles at both ends.",
           f"{platform.system()} {platform.release()}, {os.cpu_count()} CPUs. Made by `bench/scaling.py`.", "",
           "| program | throughput at each setting | serial share | cost between workers | capacity | fitted knee | measured: pays up to |", "|---|---|---:|---:|---:|---:|---:|"]
    for name in PROGRAMS:
        if name not in results:
            continue
        one = results[name]
        law = one.get("law", {})
        rates = ", ".join(f"{row['value']}: {row['throughput']:.4g}" for row in one["settings"])
        capacity = f"{law['capacity']:.4g}" if law.get("saturation") else "none"
        knee = f"{law['knee']:.1f}" if law.get("knee") else "none"
        out.append(f"| {one['what']} | {rates} {one['unit']} | {law.get('sigma', 0):.3f} | {law.get('kappa', 0):.4f} | {capacity} | {knee} | {one['pays_up_to']:g} |")
    out += ["", "| program | from, to | compare says | verdicts |", "|---|---|---|---|"]
    for name in PROGRAMS:
        if name in results:
            one = results[name]
            verdicts = ", ".join(f"{v['class']}/{v['resource']}".rstrip("/") for v in one["verdict"])
            out.append(f"| {name} | {one['ends'][0]}, {one['ends'][1]} | {one['compare']['summary']} {'Doubts: ' + '; '.join(one['compare']['doubts']) if one['compare']['doubts'] else ''} | {verdicts} |")
    return out


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("tool", type=os.path.abspath)
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--python", default="/usr/bin/python3")
    arguments.add_argument("--repeat", type=int, default=3)
    arguments.add_argument("--results", type=pathlib.Path)
    options = arguments.parse_intermixed_args()
    options.folder = tempfile.mkdtemp(prefix="scaling-")
    options.env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
    results = json.loads(options.results.read_text()) if options.results and options.results.exists() else {}
    for name in options.names or PROGRAMS:
        results[name] = globals()[name](options)
        if options.results:
            options.results.write_text(json.dumps(results))
        print(json.dumps(results[name], indent=1))
    shutil.rmtree(options.folder, ignore_errors=True)
    write_section("scaling", "bench/scaling.py", lines_of(results))


if __name__ == "__main__":
    main()
