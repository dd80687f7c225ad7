"""No crash and no hang on damaged sources: cut anywhere or inside a token, braces and other tokens removed, doubled or exchanged,
bytes that are no UTF-8, nesting thousands deep, lines of a megabyte.

Usage: mutants.py CONCADVISE SOURCES COUNT [SEED] [--also FOLDER]... [--kinds NAME,...]

Each mutant is linted alone. It passes when the program ends by itself within a minute of CPU time (whatever else the machine does)
with an exit code of its own (0, 1, 3), and a unit is not reported as crashed. The includes of SOURCES and its siblings are those of every mutant's source."""

import argparse
import collections
import pathlib
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("concadvise")
parser.add_argument("sources", type=pathlib.Path)
parser.add_argument("count", type=int)
parser.add_argument("seed", type=int, nargs="?", default=1)
parser.add_argument("--also", type=pathlib.Path, action="append", default=[], help="further folder of sources")
parser.add_argument("--kinds", help="only these kinds of damage")
options = parser.parse_args()

pick = random.Random(options.seed)
folders = [options.sources, *options.also]
sources = sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in (".cpp", ".cc", ".py") and p.stat().st_size < 100_000)
includes = sorted({p for folder in folders for p in folder.rglob("include") if p.is_dir()})
TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
STRANGE = (b"{", b"}", b"(", b")", b"<", b">", b"co_await", b"co_yield", b"template", b"[&]", b"auto", b"this", b"decltype(", b"::", b"\x01", b"\xff", b"await", b"lambda",
           b"\"", b"'''", b"*", b"...", b"requires", b"noexcept(", b"try", b"#if", b"#include <thread>\n", b"R\"(", b"async def", b"match", b":=", b"@", b"\\\n")


def place(text):
    """Somewhere between two tokens."""
    ends = [0] + [m.end() for m in TOKEN.finditer(text)]
    return pick.choice(ends)


def put(text, at, what):
    return text[:at] + what + text[at:]


def cut(text):
    return text[: pick.randrange(len(text) + 1)]


def cut_inside_token(text):
    long = [m for m in TOKEN.finditer(text) if m.end() - m.start() > 1 and not m.group().isspace()]
    if not long:
        return cut(text)
    token = pick.choice(long)
    at = pick.randrange(token.start() + 1, token.end())
    return text[:at] + (b"" if pick.random() < 0.7 else text[token.end():])


def without_braces(text):
    brace = pick.choice((b"{", b"}", b"(", b")", b"[", b"]", b"{}", b"()", b":", b";", b">"))
    share = pick.choice((0.02, 0.2, 1))
    return b"".join(b"" if token in [brace[i:i + 1] for i in range(len(brace))] and pick.random() < share else token for token in TOKEN.findall(text))


def tokens_of(change):
    def mutate(text):
        tokens = TOKEN.findall(text) or [b""]
        for _ in range(pick.randint(1, 8)):
            change(tokens, pick.randrange(len(tokens)))
        return b"".join(tokens)
    return mutate


def drop(tokens, at):
    tokens[at] = b""


def double(tokens, at):
    tokens[at] *= pick.choice((2, 3, 50))


def exchange(tokens, at):
    other = pick.randrange(len(tokens))
    tokens[at], tokens[other] = tokens[other], tokens[at]


def swap_neighbours(tokens, at):
    written = [i for i in range(at, min(at + 8, len(tokens))) if not tokens[i].isspace()]
    if len(written) > 1:
        a, b = written[0], written[1]
        tokens[a], tokens[b] = tokens[b], tokens[a]


def replace(tokens, at):
    tokens[at] = pick.choice(STRANGE)


def other_bytes(text):
    changed = bytearray(text)
    for _ in range(pick.choice((1, 10, 300))):
        if changed:
            changed[pick.randrange(len(changed))] = pick.choice((0, 0x80, 0xC0, 0xE2, 0xED, 0xF8, 0xFE, 0xFF, 0x0C, 0x0D, 0x1A, pick.randrange(256)))
    return put(bytes(changed), 0, pick.choice((b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"# coding: latin-1\n")))


# What can be put into itself: opening, inside, closing.
NESTS = ((b"(", b"1", b")"), (b"[", b"", b"]"), (b"{", b"", b"}"), (b"f(", b"", b")"), (b"a<", b"int", b">"), (b"!", b"x", b""), (b"-", b"1", b""), (b"x.", b"x", b""),
         (b"x + ", b"x", b""), (b"x ? x : ", b"x", b""), (b"if (x) {", b"", b"}"), (b"if (x) ; else ", b";", b""), (b"for (;;) ", b";", b""), (b"[&] { ", b"", b" }();"),
         (b"namespace n { ", b"", b" }"), (b"struct s { ", b"int i;", b" };"), (b"template <typename T> ", b"int v;", b""), (b"x->", b"x", b""), (b"f()", b"", b""), (b"x = ", b"1;", b""),
         (b"co_await ", b"x", b""), (b"await ", b"x", b""), (b"not ", b"x", b""), (b"lambda: ", b"x", b""), (b"x if x else ", b"x", b""), (b"#if 1\n", b"", b"#endif\n"), (b"*", b"p", b""))


def deep(text):
    opening, inside, closing = pick.choice(NESTS)
    depth = pick.choice((300, 3000, 30_000))
    nest = opening * depth + inside + closing * pick.choice((depth, depth, depth - 1, 0))
    if pick.random() < 0.5:
        return put(text, place(text), nest)
    return text + b"\n" + pick.choice((b"int deep = ", b"void deep() { ", b"auto deep = [] { return ", b"", b"deep = ", b"async def deep():\n    ")) + nest + pick.choice((b";", b"; }", b"\n"))


def deep_blocks(text):
    depth = pick.choice((90, 1000))
    lines = [b" " * i + pick.choice((b"if x:", b"for x in y:", b"def f():", b"async def f():", b"with a:", b"class c:", b"try:", b"while x:")) for i in range(depth)]
    return text + b"\n" + b"\n".join(lines) + b"\n" + b" " * depth + pick.choice((b"pass\n", b"await f()\n", b"x"))


def huge_line(text):
    size = pick.choice((10_000, 1_000_000))
    kind = pick.randrange(5)
    if kind == 0:
        return text.replace(b"\n", b" ")
    what = (b"a" * size, b"\"" + b"x" * size + b"\"", b" " * size, b"x, " * (size // 30))[kind - 1]
    return put(text, place(text), what)


KINDS = {"cut": cut, "cut-inside-token": cut_inside_token, "without-braces": without_braces, "drop": tokens_of(drop), "double": tokens_of(double),
         "exchange": tokens_of(exchange), "swap": tokens_of(swap_neighbours), "replace": tokens_of(replace), "bytes": other_bytes, "deep": deep,
         "deep-blocks": deep_blocks, "huge-line": huge_line}
kinds = options.kinds.split(",") if options.kinds else list(KINDS)

failures = []
made = collections.Counter()
with tempfile.TemporaryDirectory() as scratch:
    for number in range(options.count):
        kind = pick.choice(kinds)
        of_kind = [p for p in sources if p.suffix == ".py"] if kind == "deep-blocks" else sources
        source = pick.choice(of_kind)
        made[kind] += 1
        mutant = pathlib.Path(scratch) / f"mutant{source.suffix}"
        mutant.write_bytes(KINDS[kind](source.read_bytes()))
        flags = ["--", "-std=gnu++20", *(f"-I{folder}" for folder in includes), f"-I{source.parent}"] if source.suffix != ".py" else []
        command = [options.concadvise, "lint", str(mutant), "--no-cache", "--extended", "--format", "json", "-j", "1", *flags]
        try:
            done = subprocess.run(command, capture_output=True, timeout=900, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (60, 61)))
            wrong = ("Clang crashed" if b"Clang crashed on it" in done.stdout else "" if done.returncode in (0, 1, 3)
                     else "hangs" if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL) else f"exit {done.returncode}")
        except subprocess.TimeoutExpired:
            wrong = "hangs"
        if wrong:
            kept = pathlib.Path(tempfile.gettempdir()) / f"concadvise-mutant-{options.seed}-{number}{source.suffix}"
            kept.write_bytes(mutant.read_bytes())
            failures.append(f"{wrong}: {kept} ({kind}, from {source})")
print(f"{options.count} mutants of {len(sources)} sources, seed {options.seed}: {len(failures)} failures; {', '.join(f'{k} {n}' for k, n in sorted(made.items()))}")
print("\n".join(failures))
sys.exit(1 if failures else 0)
