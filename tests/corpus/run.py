#!/usr/bin/env python3
"""run.py [OPTION...] [NAME...]: profiles the labelled programs of corpus.tsv and says which verdicts are right.

NAME may be a pattern (`disk-*`). Beside the verdict it checks what must hold of every measurement: each thread's states sum
to its lifetime, the shares sum to 1, CPU time agrees with the kernel's, and the exit status is the target's.
Exit 0 when at least --min of the verdicts are right and all checks hold, 1 otherwise, 2 when the corpus can't be run.
--write-accuracy runs the whole corpus as root, as user 65534 and at level procfs, and writes the tables into docs/ACCURACY.md.
"""
import argparse
import collections
import fnmatch
import json
import os
import pathlib
import platform
import re
import shlex
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ATTACH_SECONDS = 3
CLASSES = ["cpu-bound", "io-bound", "lock-bound", "oversubscribed", "idle", "mixed", "insufficient-data"]
BEGIN, END = "<!-- profile: begin, written by tests/corpus/run.py -->", "<!-- profile: end -->"

Row = collections.namedtuple("Row", "name accepted model mode peer flags command why")
Outcome = collections.namedtuple("Outcome", "row got model confidence level right advised problems wall_s error")


class Setup:
    """Where things are and as whom they run."""

    def __init__(self, options, user=None, extra=()):
        self.tool = options.tool.resolve()
        self.programs = options.programs.resolve()
        self.work = options.work.resolve()
        self.python = options.python
        self.user = user
        self.shell = options.shell
        self.extra = list(extra)
        self.work.mkdir(parents=True, exist_ok=True)
        self.work.chmod(0o777)
        self.env = {**os.environ, "PATH": f"{self.programs}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}

    def drop(self):
        return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if self.user else []

    def popen(self, command, **more):
        return subprocess.Popen(self.drop() + command, cwd=self.work, env=self.env, start_new_session=True, **more)


def read_corpus():
    lines = [line for line in (HERE / "corpus.tsv").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0].split("\t") == list(Row._fields), "corpus.tsv: unexpected columns"
    return [Row(*line.split("\t")) for line in lines[1:]]


def make_data(work):
    """256 MiB that no file system can make up, for reads that must reach the device."""
    path = work / "data"
    if not path.exists() or path.stat().st_size < 256 << 20:
        with open(path, "wb") as file:
            for _ in range(256):
                file.write(os.urandom(1 << 20))
            os.fsync(file.fileno())
    path.chmod(0o644)


def announced(process, what):
    """The port of the `ready PORT` line; ends the row when there is none."""
    words = process.stdout.readline().split()
    if len(words) != 2 or words[0] != b"ready":
        raise RuntimeError(f"{what} did not get ready")
    return words[1].decode()


class Company:
    """The peers and the attached program of one row; ends them all on exit."""

    def __init__(self, setup, row):
        self.setup, self.row, self.running, self.port = setup, row, [], ""
        self.peer_path = f"{setup.work}/peer-{os.getpid()}-{row.name}"

    def fill(self, text):
        for key, value in {"PORT": self.port, "PEER": self.peer_path, "PYTHON": self.setup.python,
                           "WORKLOADS": str(HERE / "programs/workloads.py")}.items():
            text = text.replace("${" + key + "}", value)
        return text

    def start(self, command, what):
        process = self.setup.popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.running.append(process)
        return announced(process, what), process

    def start_peers(self, after_target):
        for role in [] if self.row.peer == "-" else self.row.peer.split(" + "):
            if self.row.mode == "launch" or ("${PORT}" in role) == after_target:
                port, _ = self.start(["python3", str(HERE / "programs/peer.py"), *self.fill(role).split()], role)
                self.port = port if port != "0" else self.port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.communicate()
        if os.path.exists(self.peer_path):
            os.unlink(self.peer_path)


def words_of(command):
    """A pipeline needs a shell; anything else is run as it is."""
    return ["bash", "-c", command] if "|" in command else shlex.split(command)


def under_shell(command, times):
    """The command as a child of a shell that writes what CPU time the kernel charged itself and its children into `times`."""
    return ["bash", "-c", f"{command}; status=$?; times > {shlex.quote(str(times))}; exit $status"]


def charged(times):
    """Seconds of CPU that the shell wrote (four figures such as 0m1.234s), None when it could not."""
    try:
        return sum(60 * float(minutes) + float(seconds) for minutes, seconds in re.findall(r"(\d+)m([\d.]+)s", times.read_text()))
    except OSError:
        return None


def profile(setup, row):
    """Runs one row: (JSON or None, exit status, seconds of CPU of the target or None, wall seconds, message)."""
    base = setup.work / "out" / row.name
    base.parent.mkdir(exist_ok=True)
    base.parent.chmod(0o777)
    for old in base.parent.glob(row.name + ".*"):
        old.unlink()
    times = base.parent / f"{row.name}.times"
    with Company(setup, row) as company:
        company.start_peers(after_target=False)
        tool = [str(setup.tool), "profile", *setup.extra, "-o", str(base)]
        if row.mode == "attach":
            company.port, target = company.start(words_of(company.fill(row.command)), row.name)
            company.start_peers(after_target=True)
            time.sleep(0.3)
            command = [*tool, "-p", str(target.pid), "--duration", str(ATTACH_SECONDS)]
        else:
            target = company.fill(row.command)
            command = [*tool, "--", *(under_shell(target, times) if setup.shell else words_of(target))]
        started = time.monotonic()
        process = setup.popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        message = process.stderr.read().decode(errors="replace")
        status = process.wait()
        wall = time.monotonic() - started
    try:
        result = json.loads(pathlib.Path(f"{base}.json").read_text())
    except (OSError, ValueError) as error:
        result, message = None, f"{error}; {message[-300:]}"
    return result, status, charged(times), wall, message


def problems_of(result, row, status, cpu_s):
    """What does not add up in one measurement, as sentences."""
    found = []
    wanted = next((int(flag[7:]) for flag in row.flags.split(",") if flag.startswith("status=")), 0)
    if row.mode == "launch" and status != wanted:
        found.append(f"exit status {status}, the target's is {wanted}")
    shares = sum(result["shares"].values())
    if result["threads"] and abs(shares - 1) > 1e-3 and result["verdict"]["class"] != "insufficient-data":
        found.append(f"shares sum to {shares:.4f}")
    worst = 0.0
    for thread in result["threads"]:
        life = thread["end_s"] - thread["start_s"]
        if life > 0.1:
            worst = max(worst, abs(sum(thread["states"].values()) - life) / life)
    if worst > 0.005:
        found.append(f"a thread's states miss its lifetime by {worst:.1%}")
    measured = result["measurement"]["cpu_s"]
    if cpu_s is not None and "daemon" not in row.name and abs(measured - cpu_s) > max(0.01 * cpu_s, 0.005):  # a daemon is no child
        found.append(f"CPU time {measured:.3f} s, the kernel says {cpu_s:.3f} s")
    return found


def matches(got, accepted):
    return any(got == one or (one.endswith("/*") and got.split("/")[0] == one[:-2]) for one in accepted.split("|"))


def judge(setup, row):
    try:
        result, status, cpu_s, wall, message = profile(setup, row)
    except (OSError, RuntimeError) as error:
        result, status, cpu_s, wall, message = None, -1, None, 0, str(error)
    if result is None:
        return Outcome(row, "none", "", 0, "", False, False, [], wall, f"exit {status}: {message.strip()[-200:]}")
    verdict = result["verdict"]
    got = f"{verdict['class']}/{verdict.get('resource') or ''}"
    model = result.get("advice", {}).get("model", "")
    return Outcome(row, got, model, verdict.get("confidence", 0), result["measurement"]["level"], matches(got, row.accepted),
                   row.model == "-" or model in row.model.split("|"), problems_of(result, row, status, cpu_s), wall, "")


def run_all(setup, rows, quiet=False):
    outcomes = []
    for row in rows:
        outcome = judge(setup, row)
        outcomes.append(outcome)
        if not quiet:
            mark = "ok " if outcome.right else "NO "
            wanted = "" if outcome.right else f" wanted {row.accepted}"
            advice = "" if outcome.advised else f" ADVICE {outcome.model or 'none'}, wanted {row.model}"
            trouble = "; ".join(outcome.problems + ([outcome.error] if outcome.error else []))
            print(f"{mark}{row.name:24s}{outcome.got:24s}{outcome.confidence:5.2f} {outcome.level:7s}{outcome.wall_s:5.1f} s"
                  f"{wanted}{advice}{' CHECK ' + trouble if trouble else ''}", flush=True)
    return outcomes


def confusion(outcomes):
    """{wanted class: {given class: count}}. A verdict that is one of several accepted ones counts as wanted."""
    matrix = {wanted: collections.Counter() for wanted in CLASSES}
    for outcome in outcomes:
        given = outcome.got.split("/")[0]
        wanted = given if outcome.right else outcome.row.accepted.split("|")[0].split("/")[0]
        matrix[wanted][given] += 1
    return matrix


def matrix_lines(outcomes, cell="| "):
    matrix = confusion(outcomes)
    columns = CLASSES + (["none"] if any(row["none"] for row in matrix.values()) else [])
    yield cell + " | ".join(["wanted \\ given"] + columns) + " |"
    yield "|---|" + "---:|" * len(columns)
    for wanted in CLASSES:
        yield cell + " | ".join([wanted] + [str(matrix[wanted][given] or "·") for given in columns]) + " |"


def summary(outcomes):
    right = sum(outcome.right for outcome in outcomes)
    advised = [outcome for outcome in outcomes if outcome.row.model != "-"]
    return (f"verdicts right: {right}/{len(outcomes)}; models right: {sum(o.advised for o in advised)}/{len(advised)}; "
            f"measurements that add up: {sum(not o.problems and not o.error for o in outcomes)}/{len(outcomes)}")


def accuracy_lines(parts):
    """The section of docs/ACCURACY.md; parts: [(title, outcomes)]."""
    yield BEGIN
    yield "## Verdicts of `profile`"
    yield ""
    yield ("Measured on our own corpus (tests/corpus): small programs for every verdict and for every trap of measuring that we know, "
           "each with the verdicts that are accepted for it and the reason. A verdict counts when class and resource are accepted. "
           f"Linux {platform.release().split('-')[0]}, {os.cpu_count()} CPUs, load average {os.getloadavg()[2]:.1f} "
           "with other work on the machine meanwhile (a quiet machine has 0 to 2; beyond that short waits drown in run-queue time). Made by `tests/corpus/run.py --write-accuracy`.")
    for title, outcomes in parts:
        yield ""
        yield f"### {title}"
        yield ""
        yield summary(outcomes) + "."
        yield ""
        yield from matrix_lines(outcomes)
        wrong = [o for o in outcomes if not o.right or not o.advised or o.problems or o.error]
        if wrong:
            yield ""
            yield "What is wrong:"
            yield ""
        for o in wrong:
            what = [] if o.right else [f"`{o.got}`, accepted `{o.row.accepted}`"]
            what += [] if o.advised or o.error else [f"advice `{o.model}`, accepted `{o.row.model}`"]
            yield f"- {o.row.name} ({o.row.why}): {'; '.join(what + o.problems + ([o.error] if o.error else []))}".replace("\n", " ")
    yield ""
    yield "### The programs"
    yield ""
    yield "| program | what it is | accepted | as root | confidence |"
    yield "|---|---|---|---|---:|"
    for o in parts[0][1]:
        yield f"| {o.row.name} | {o.row.why} | {o.row.accepted.replace('|', ', ')} | {o.got.rstrip('/')} | {o.confidence:.2f} |"
    yield END


def write_accuracy(parts):
    path = ROOT / "docs/ACCURACY.md"
    text = path.read_text() if path.exists() else "# Accuracy\n\nHow often concadvise is right, on what, and where it is wrong.\n"
    section = "\n".join(accuracy_lines(parts))
    if BEGIN in text:
        text = text[:text.index(BEGIN)] + section + text[text.index(END) + len(END):]
    else:
        text = text.rstrip() + "\n\n" + section + "\n"
    path.write_text(text)
    print(f"written: {path}")


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--tool", type=pathlib.Path, default=ROOT / "build/dev/concadvise")
    parser.add_argument("--programs", type=pathlib.Path, help="folder of the built programs (default: corpus beside the tool)")
    parser.add_argument("--work", type=pathlib.Path, help="folder for data and results (default: corpus-work beside the tool)")
    parser.add_argument("--as-user", type=int, metavar="UID")
    parser.add_argument("--extra", default="", help="more options for profile")
    parser.add_argument("--python", default="/usr/bin/python3", help="the interpreter of the Python programs")
    parser.add_argument("--shell", action="store_true", help="run commands under a shell, and compare CPU time with what it was charged")
    parser.add_argument("--flag", help="only rows with this flag")
    parser.add_argument("--min", type=float, default=0.9, help="share of verdicts that must be right")
    parser.add_argument("--write-accuracy", action="store_true")
    options = parser.parse_intermixed_args()
    options.programs = options.programs or options.tool.parent / "corpus"
    options.work = options.work or options.tool.parent / "corpus-work"
    return options


def chosen(options, user):
    rows = [row for row in read_corpus() if not options.names or any(fnmatch.fnmatch(row.name, name) for name in options.names)]
    rows = [row for row in rows if not options.flag or options.flag in row.flags.split(",")]
    return [row for row in rows if "root" not in row.flags.split(",") or (os.getuid() == 0 and not user)]


def main():
    options = parse()
    if not options.tool.exists() or not options.programs.exists():
        print(f"{options.tool} or {options.programs} is missing; build first: cmake --build --preset dev", file=sys.stderr)
        return 2
    ways = [("", options.as_user, shlex.split(options.extra))]
    if options.write_accuracy:
        if os.getuid() != 0:
            print("--write-accuracy needs root: it runs the corpus as root and as another user", file=sys.stderr)
            return 2
        options.shell = True
        ways = [("As root, best level", None, []), ("As an unprivileged user", 65534, []), ("At level procfs", None, ["--level", "procfs"])]
    parts = []
    for title, user, extra in ways:
        setup, rows = Setup(options, user, extra), chosen(options, user)
        if any("data" in row.flags.split(",") for row in rows):
            make_data(setup.work)
        if title:
            print(f"== {title}")
        parts.append((title, run_all(setup, rows)))
        print("\n".join(matrix_lines(parts[-1][1])) if len(rows) > 1 else "", summary(parts[-1][1]), sep="\n")
    if options.write_accuracy:
        write_accuracy(parts)
    good = all(sum(o.right for o in outcomes) >= options.min * len(outcomes) and not any(o.problems or o.error for o in outcomes)
               for _, outcomes in parts if outcomes)
    return 0 if good and any(outcomes for _, outcomes in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
