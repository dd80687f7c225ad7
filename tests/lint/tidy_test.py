"""The clang-tidy plugin says what lint says, for the rules that need one file only.

Usage: tidy_test.py CONCADVISE PLUGIN CLANG_MAJOR CASES; exit 77 (skipped) where there is no clang-tidy of that version"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

concadvise, plugin, major, cases = sys.argv[1], sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
tidy = shutil.which(f"clang-tidy-{major}")
if not tidy:
    print(f"skipped: clang-tidy-{major} is not installed")
    sys.exit(77)
flags = ["--", "-std=gnu++20", "-Iinclude"]


def run(*command):
    return subprocess.run([str(part) for part in command], cwd=cases, capture_output=True, text=True)


listed = run(tidy, "--load", plugin, "--config={}", "-checks=-*,concadvise-*", "--list-checks").stdout
rules = sorted(re.findall(r"concadvise-([a-z-]+)", listed))
assert len(rules) > 5, listed
seen = set()
for case in sorted(cases.glob("*.cpp")):
    # Cases of several units, and one with errors that clang-tidy stops at.
    if "__" in case.name or case.name == "broken.cpp":
        continue
    # Of those without a finding one is enough here.
    if not any(f"//~ {rule}" in case.read_text() for rule in rules) and case.name != "plain.cpp":
        continue
    found = json.loads(run(concadvise, "lint", case.name, "--no-cache", "--format", "json", "--rules", ",".join(rules), *flags).stdout)["findings"]
    expected = {(f["rule"], f["line"]) for f in found if pathlib.Path(f["file"]).name == case.name and f["rule"] in rules and not f.get("suppressed")}
    done = run(tidy, "--load", plugin, "--quiet", "--config={}", "-checks=-*,concadvise-*", case.name, *flags)
    shown = {(rule, int(line)) for line, rule in re.findall(rf"{re.escape(case.name)}:(\d+):\d+: warning: .*\[concadvise-([a-z-]+)\]", done.stdout)}
    assert shown == expected, (case.name, shown ^ expected, done.stdout, done.stderr)
    seen |= {rule for rule, _ in shown}
assert len(seen) > 5, seen
print("ok:", ", ".join(sorted(seen)))
