#!/usr/bin/env python3
"""Packs a folder of headers into one compressed file: for each file "name\\0size\\0bytes", then zstd over all."""
import pathlib
import subprocess
import sys

folder, output, zstd = sys.argv[1:4]
parts = []
for path in sorted(pathlib.Path(folder).rglob("*")):
    if path.is_file():
        body = path.read_bytes()
        parts.append(path.relative_to(folder).as_posix().encode() + b"\0" + str(len(body)).encode() + b"\0" + body)
raw = b"".join(parts)
packed = subprocess.run([zstd, "-19", "-q", "-c"], input=raw, stdout=subprocess.PIPE, check=True).stdout
target = pathlib.Path(output)
target.parent.mkdir(parents=True, exist_ok=True)
target.write_bytes(len(raw).to_bytes(8, "little") + packed)
