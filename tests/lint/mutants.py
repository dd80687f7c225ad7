"""No crash and no hang on damaged sources: cut at a random place, tokens removed, doubled or exchanged, bytes changed.

Usage: mutants.py CONCADVISE SOURCES COUNT [SEED]

Each mutant is linted alone. It passes when the program ends by itself within a minute with an exit code of its own (0, 1, 3), and
a unit is not reported as crashed."""

import pathlib
import random
import re
import subprocess
import sys
import tempfile

concadvise, folder, count = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
seed = int(sys.argv[4]) if len(sys.argv) > 4 else 1
pick = random.Random(seed)
sources = sorted(p for p in folder.rglob("*") if p.suffix in (".cpp", ".cc", ".py") and p.stat().st_size < 100_000)
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


def mutate(text):
    kind = pick.randrange(5)
    if kind == 0:
        return text[: pick.randrange(len(text) + 1)]
    tokens = TOKEN.findall(text)
    for _ in range(pick.randint(1, 8)):
        at = pick.randrange(len(tokens))
        if kind == 1:
            tokens[at] = ""
        elif kind == 2:
            tokens[at] *= pick.choice((2, 3, 50))
        elif kind == 3:
            other = pick.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        else:
            tokens[at] = pick.choice(("{", "}", "(", ")", "<", ">", "co_await", "co_yield", "template", "[&]", "auto", "this", "decltype(", "::", "\x01", "\xff", "await", "lambda", "\"", "'''", "*", "..."))
    return "".join(tokens)


failures = []
with tempfile.TemporaryDirectory() as scratch:
    for number in range(count):
        source = pick.choice(sources)
        mutant = pathlib.Path(scratch) / f"mutant{source.suffix}"
        mutant.write_text(mutate(source.read_text(errors="replace")), errors="replace")
        flags = ["--", "-std=gnu++20", f"-I{folder / 'include'}", f"-I{source.parent}"] if source.suffix != ".py" else []
        command = [concadvise, "lint", str(mutant), "--no-cache", "--extended", "--format", "json", "-j", "1", *flags]
        try:
            done = subprocess.run(command, capture_output=True, timeout=60)
            wrong = "Clang crashed" if b"Clang crashed on it" in done.stdout else "" if done.returncode in (0, 1, 3) else f"exit {done.returncode}"
        except subprocess.TimeoutExpired:
            wrong = "hangs"
        if wrong:
            kept = pathlib.Path(tempfile.gettempdir()) / f"concadvise-mutant-{seed}-{number}{source.suffix}"
            kept.write_bytes(mutant.read_bytes())
            failures.append(f"{wrong}: {kept} (from {source.name})")
print(f"{count} mutants of {len(sources)} sources, seed {seed}: {len(failures)} failures")
print("\n".join(failures))
sys.exit(1 if failures else 0)
