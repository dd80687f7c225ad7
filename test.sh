#!/usr/bin/env bash
# ./test.sh [PRESET] [CTEST OPTION...]: installs what is missing, builds, and runs every test.
# PRESET is dev (default), release, asan-ubsan or tsan. Example: ./test.sh asan-ubsan -R model
set -euo pipefail
cd "$(dirname "$0")"
. .ci/steps.sh

preset=dev
case "${1:-}" in -* | "") ;; *) preset=$1 && shift ;; esac
cmake -N --list-presets 2>/dev/null | grep -q "\"$preset\"" || ! command -v cmake >/dev/null ||
  die "there is no preset '$preset'" "./test.sh [dev|release|asan-ubsan|tsan]"

install_packages "${test_packages[@]}" "${browser_packages[@]}"
build "$preset"
step "running the tests"
ctest --preset "$preset" "$@"
