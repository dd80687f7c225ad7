"""The CMake example of spreading lint over a build finds what only the link can see, and does again what a header changes.

Usage: example_test.py CONCADVISE EXAMPLE"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

concadvise, example = pathlib.Path(sys.argv[1]), sys.argv[2]
environment = {**os.environ, "PATH": f"{concadvise.parent}:{os.environ['PATH']}"}

with tempfile.TemporaryDirectory() as scratch:
    source = pathlib.Path(scratch) / "source"
    shutil.copytree(example, source)
    build = pathlib.Path(scratch) / "build"
    subprocess.run(["cmake", "-S", source, "-B", build, "-G", "Ninja"], check=True, env=environment, capture_output=True)

    def lint():
        done = subprocess.run(["ninja", "-C", build, "lint"], env=environment, capture_output=True, text=True)
        return done.stdout + done.stderr

    first = lint()
    assert "server.cpp:17" in first and "[blocking-in-coroutine]" in first and "storage.cpp:7" in first, first
    assert "Facts of" not in lint(), "nothing changed"
    header = source / "storage.h"
    header.write_text(header.read_text() + "// changed\n")
    again = lint()
    assert "Facts of server.cpp" in again and "Facts of storage.cpp" in again, again
    (source / "storage.cpp").write_text('#include "storage.h"\nvoid flush_to_storage() {}\n')
    last = lint()
    assert "blocking-in-coroutine" not in last and "Facts of server.cpp" not in last, last
print("ok")
