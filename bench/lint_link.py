#!/usr/bin/env python3
"""How long the link step takes over a large code base's facts, and how much memory.

    bench/lint_link.py [--units 10000] [--concadvise build/release/concadvise]

Makes the facts of a few sources for real and multiplies them: each unit has functions, coroutines, classes and call chains
of its own (names and keys are renamed per unit, calls go into the units before) beside the header functions that all share."""

import argparse
import os
import pathlib
import resource
import subprocess
import tempfile
import time

HEADER = """#pragma once
#include <chrono>
#include <coroutine>
#include <mutex>
#include <string>
#include <thread>
#include <vector>
struct task { struct promise_type { task get_return_object() { return {}; } std::suspend_always initial_suspend() { return {}; }
  std::suspend_always final_suspend() noexcept { return {}; } void return_void() {} void unhandled_exception() {} };
  bool await_ready() { return false; } void await_suspend(std::coroutine_handle<>) {} void await_resume() {} };
struct registry { std::mutex lock; std::vector<std::string> names; int add(const std::string& name) { std::lock_guard held(lock);
  for (const auto& one : names) if (one == name) return 0; names.push_back(name); return 1; } };
inline void settle(int rounds) { for (int i = 0; i < rounds; ++i) std::this_thread::yield(); }
template <typename F> void each(const std::vector<std::string>& list, F f) { for (const auto& one : list) f(one); }
"""


def source(number):
    before = max(number - 1, 0)
    text = ['#include "shared.h"', f"int leaf_{before}(const std::string&, int);" if number else "", f"class service_{number} {{ public: registry known; int count = 0;"]
    for method in range(6):
        text.append(f" int method_{method}(const std::string& name) {{ count += known.add(name); settle(count); "
                    f"return {'method_%d(name)' % (method - 1) if method else 'leaf_%d(name, count)' % before if number else 'count'}; }}")
    text.append("};")
    text.append(f"int leaf_{number}(const std::string& name, int depth) {{ service_{number} s; if (depth > 3) "
                + ("std::this_thread::sleep_for(std::chrono::seconds(1)); " if number % 50 == 0 else "settle(2); ")
                + "return s.known.add(name); }")
    text.append(f"task run_{number}(service_{number}& s) {{ each({{\"a\", \"b\"}}, [&](const std::string& one) {{ s.method_5(one); }}); "
                f"settle(1); co_await std::suspend_always{{}}; s.method_2(\"x\"); co_return; }}")
    return "\n".join(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=10000)
    parser.add_argument("--concadvise", default="build/release/concadvise")
    parser.add_argument("--keep", help="folder for the facts; made again only when it is empty")
    options = parser.parse_args()
    concadvise = str(pathlib.Path(options.concadvise).resolve())
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(options.keep or scratch).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        facts = folder / "all.facts"
        if not facts.exists():
            make_facts(concadvise, folder, facts, options.units)
        size = facts.stat().st_size
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.monotonic()
        done = subprocess.run([concadvise, "link", facts, "--format", "json", "-o", folder / "found.json"])
        wall = time.monotonic() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = (folder / "found.json").read_text().count('"rule"')
        print(f"{options.units} units, {size / 1e6:.0f} MB of facts: {wall:.2f} s wall, {after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.2f} s CPU, "
              f"{after.ru_maxrss / 1024:.0f} MB, {found} findings, exit {done.returncode}")


def make_facts(concadvise, folder, facts, units):
    """Three neighbours are parsed; the others are theirs with the number replaced by one of equal width, in text of the same length."""
    base = 10_000_000
    (folder / "shared.h").write_text(HEADER)
    (folder / f"u{base + 50}.cpp").write_text(source(base + 50))
    (folder / f"u{base + 51}.cpp").write_text(source(base + 51))
    shapes = []
    for number in (base + 50, base + 51):
        out = folder / f"{number}.facts"
        subprocess.run([concadvise, "facts", f"u{number}.cpp", "-o", out, "--relative-to", ".", "--", "-std=c++20"], cwd=folder, check=True)
        shapes.append((number, out.read_bytes()))
    with open(facts, "wb") as out:
        for i in range(units):
            number, bytes_ = shapes[0] if i % 50 == 0 else shapes[1]
            changed = bytes_.replace(str(number).encode(), b"\0SELF\0").replace(str(number - 1).encode(), str(base + max(i - 1, 0)).encode())
            out.write(with_checksum(changed.replace(b"\0SELF\0", str(base + i).encode())))


def with_checksum(unit):
    """facts_io.h: magic, length, hash of the payload by words."""
    head = unit.index(b"\n") + 1
    payload = unit[head + 16:]
    value, mask, prime = 14695981039346656037, (1 << 64) - 1, 1099511628211
    whole = len(payload) // 8 * 8
    for at in range(0, whole, 8):
        value = ((value ^ int.from_bytes(payload[at:at + 8], "little")) * prime) & mask
        value ^= value >> 29
    rest = 14695981039346656037
    for byte in payload[whole:]:
        rest = ((rest ^ byte) * prime) & mask
    return unit[:head + 8] + (value ^ rest).to_bytes(8, "little") + payload


if __name__ == "__main__":
    main()
