#!/usr/bin/env bash
# bundle.sh WORK_FOLDER WEB_FOLDER: checks the types of the page's scripts, and that the committed dist/ is what the sources
# give, byte for byte. Exit status 77 means that the tools can't be had.
set -euo pipefail
work=$1
web=$2
skip() { printf 'SKIPPED: %s\n' "$1"; exit 77; }
command -v node >/dev/null && command -v npm >/dev/null || skip 'no node or npm here (apt-get install nodejs npm)'

mkdir -p "$work"
rm -rf "$work/src" "$work/dist"
cp -r "$web"/{src,dist,build.mjs,package.json,package-lock.json,tsconfig.json,report.css} "$work"
cd "$work"
if ! cmp -s package-lock.json node_modules/.installed; then
  npm ci --no-audit --no-fund --loglevel=error || skip 'the npm packages of the bundle can not be had'
  cp package-lock.json node_modules/.installed
fi
npx tsc --noEmit
node build.mjs --check
