#!/usr/bin/env bash
# ./demo.sh: installs what is missing, builds concadvise, profiles and lints one example, and says where the reports are.
set -euo pipefail
cd "$(dirname "$0")"
. .ci/steps.sh

install_packages
build dev concadvise examples
out=build/demo
mkdir -p "$out"
concadvise=build/dev/concadvise

step "profiling examples/sequential_waits.py"
say "  \$ concadvise profile -o $out/sequential_waits -- python3 examples/sequential_waits.py"
"$concadvise" profile -o "$out/sequential_waits" -- python3 examples/sequential_waits.py

step "linting examples/blocking_coroutine.cpp"
say "  \$ concadvise lint -p build/dev examples/blocking_coroutine.cpp"
# Findings are what the example is for: exit code 1 means that there are some.
"$concadvise" lint -p build/dev examples/blocking_coroutine.cpp || [ $? = 1 ]

for file in "$out"/sequential_waits.{html,json}; do
  [ -s "$file" ] || die "$file was not written"
done
step "done"
say "report:  $PWD/$out/sequential_waits.html   (open it in a browser)"
say "data:    $PWD/$out/sequential_waits.json"
say "next:    $PWD/$concadvise profile ./your-program"
