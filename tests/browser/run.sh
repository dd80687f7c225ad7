#!/usr/bin/env bash
# run.sh WORK_FOLDER SAMPLES_FOLDER: installs the locked npm packages into WORK_FOLDER and runs the tests there.
# Exit status 77 means that there is no browser, Node.js or npm to run them with.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1
export SAMPLES=$2

skip() { printf 'SKIPPED: %s\n' "$1"; exit 77; }
command -v node >/dev/null && command -v npm >/dev/null || skip 'no node or npm here (apt-get install nodejs npm)'
[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || skip 'no chromium here (apt-get install chromium)'

mkdir -p "$work"
cp "$here"/*.mjs "$here"/package.json "$here"/package-lock.json "$work"
cd "$work"
if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci --no-audit --no-fund --loglevel=error || skip 'the npm packages of the tests can not be had'
  cp package-lock.json node_modules/.installed
fi
node --test "${@:3}" page.test.mjs exports.test.mjs
