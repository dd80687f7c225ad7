#!/usr/bin/env python3
"""layering.py [ROOT]: checks every #include against ARCHITECTURE.md's table of rooms, and the tree for machine paths.

The link graph enforces part of the layering, but every library sees the source root, so a header-only piece of another
room would build. The table is the only list: a word in its last column that is a room's name is a room that may be
included, `everything` is all of them, and what stands after the semicolon ("no Clang") forbids.
Prints one line per violation, `file:line: reason`. Exit 0 when there is none, 1 otherwise, 2 when the table can't be read.
"""
import pathlib
import re
import subprocess
import sys

SOURCE_ENDINGS = {".h", ".hpp", ".cpp", ".cc", ".c", ".S", ".ts"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')
# What the words after the semicolon in the table mean in includes.
FORBIDDEN = {
    "Clang": re.compile(r"^(clang|clang-c|llvm|llvm-c)/"),
    "perf": re.compile(r"^(linux/perf_event|perfmon/|bpf/)"),
}
# The vocabulary's headers are seen by every room: the standard library, and the back-port of std::expected.
MODEL_HEADERS = re.compile(r"^([a-z_]+|tl/expected\.hpp|model/.+)$")
# Spelled in pieces so that this file does not find itself.
MACHINE_PATH = re.compile("(?<![\\w.~-])/(" + "|".join(["ho" + "me", "wo" + "rk", "ro" + "ot", "Us" + "ers"]) + r")/[\w.-]")


def rooms_of(root):
    """The table: {room: (set of rooms it may include or None for all, [forbidden patterns])}."""
    rooms = {}
    text = (root / "ARCHITECTURE.md").read_text()
    rows = re.findall(r"^\| ((?:`\w+/` ?)+)\|[^|]*\|([^|]*)\|$", text, re.M)
    names = {name for folders, _ in rows for name in re.findall(r"`(\w+)/`", folders)}
    for folders, may in rows:
        allowed, _, never = may.partition(";")
        known = None if "everything" in allowed else {n for n in names if re.search(rf"\b{n}\b", allowed)}
        patterns = [pattern for word, pattern in FORBIDDEN.items() if re.search(rf"\bno {word}\b", never)]
        for name in re.findall(r"`(\w+)/`", folders):
            rooms[name] = (known, patterns)
    return rooms


def tracked_files(root):
    """Files that belong to the project: git's list, or every file when the tree is no checkout."""
    listed = subprocess.run(["git", "-C", root, "-c", "safe.directory=*", "ls-files", "-z"], capture_output=True)
    if listed.returncode == 0 and listed.stdout:
        return [root / name for name in listed.stdout.decode().split("\0") if name and (root / name).is_file()]
    return [f for f in root.rglob("*") if f.is_file() and not {"build", "node_modules", ".git"} & set(f.relative_to(root).parts)]


def include_violations(root, rooms, path):
    """Violations of one source file; a file outside the rooms has none."""
    room = path.relative_to(root).parts[0]
    if room not in rooms or path.suffix not in SOURCE_ENDINGS:
        return
    known, patterns = rooms[room]
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match[1]
        where = f"{path.relative_to(root)}:{number}"
        other = target.split("/")[0]
        if known is not None and "/" in target and other in rooms and other != room and other not in known:
            yield f"{where}: {room}/ may not know {other}/ ({target})"
        if target.startswith("../"):
            yield f"{where}: includes are written from the source root ({target})"
        if any(pattern.match(target) for pattern in patterns):
            yield f"{where}: {room}/ may not include <{target}>"
        if room == "model" and path.suffix == ".h" and not MODEL_HEADERS.match(target):
            yield f"{where}: the vocabulary's headers use the standard library only ({target})"


def path_violations(root, path):
    """Places where a file names a path of the machine that it was written on."""
    data = path.read_bytes()
    if b"\0" in data:
        return
    for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
        match = MACHINE_PATH.search(line)
        if match:
            yield f"{path.relative_to(root)}:{number}: names a machine's path ({line[match.start():match.start() + 60]})"


def violations(root):
    """All violations of the tree, sorted by file; raises ValueError when the table of rooms can't be read."""
    rooms = rooms_of(root)
    if not {"model", "cli"} <= set(rooms):
        raise ValueError("ARCHITECTURE.md: no table of rooms with model/ and cli/ found")
    found = []
    for path in sorted(tracked_files(root)):
        found += include_violations(root, rooms, path)
        found += path_violations(root, path)
    for folder in sorted({p.relative_to(root).parts[0] for p in tracked_files(root) if p.name == "CMakeLists.txt"}):
        if (root / folder).is_dir() and folder not in rooms:
            found.append(f"{folder}/: is built but not in ARCHITECTURE.md's table")
    return found


if __name__ == "__main__":
    tree = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    try:
        lines = violations(tree)
    except (OSError, ValueError) as error:
        print(error)
        sys.exit(2)
    print("\n".join(lines) or "layers and paths: clean")
    sys.exit(1 if lines else 0)
