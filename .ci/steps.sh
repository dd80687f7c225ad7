# What demo.sh and test.sh have in common: sourced by them, never run by itself.
# say, step: short progress lines. run_logged: a long command whose output matters only when it fails.
# install_packages: what a bare Debian 12 lacks. build: configure and compile one preset.
# shellcheck shell=bash

started=$SECONDS
log_dir=build/log

say() { printf '%s\n' "$*"; }
step() { printf '==> [%d:%02d] %s\n' $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)) "$*"; }
die() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  next: %s\n' "$2" >&2
  exit 1
}

# run_logged NAME COMMAND...: quiet while it works, its last lines and where the rest is when it does not.
run_logged() {
  local log=$log_dir/$1.log
  shift
  mkdir -p "$log_dir"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    die "'$*' failed (the end of its output is above)" "read $PWD/$log"
  fi
}

# One line a purpose, so that a package that nobody needs any more is easy to spot. docs/DEPENDENCIES.md has the reasons.
build_packages=(
  g++ cmake ninja-build pkg-config
  libfmt-dev libpfm4-dev libcli11-dev nlohmann-json3-dev rapidjson-dev libtomlplusplus-dev libexpected-dev
  libdw-dev libelf-dev zlib1g-dev libzstd-dev zstd libxxhash-dev
  libbpf-dev bpftool
  libgtest-dev libgmock-dev
  python3
)
test_packages=(git procps libasio-dev python3-jsonschema)
browser_packages=(chromium)

installed() { dpkg -s "$1" 2>/dev/null | grep -q '^Status: install ok installed'; }
packaged() { [ -n "$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *\([^(].*\)/\1/p')" ]; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@" 2>/dev/null || sudo "$@"; fi
}

# The newest LLVM that we build with and that is packaged here: 22 in bookworm-security, 19 in bookworm.
llvm_version() {
  local version
  for version in 22 19; do installed "libclang-$version-dev" && { say $version; return; }; done
  for version in 22 19; do packaged "libclang-$version-dev" && { say $version; return; }; done
}

# Missing of the named packages, one a line.
missing_of() {
  local package
  for package; do installed "$package" || say "$package"; done
}

apt_install() {
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "packages are missing and this user can't install them: $*" "as root: apt-get install --no-install-recommends $*"
  step "installing $# packages (several minutes when LLVM is among them)"
  run_logged apt as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o Dpkg::Options::=--force-confold "$@"
}

# install_packages PACKAGE...: the build's packages and these, as far as they are missing.
install_packages() {
  command -v dpkg >/dev/null && command -v apt-get >/dev/null ||
    die "this script installs what it needs with apt-get, and there is none here" \
      "install the packages in .ci/steps.sh by hand, then: cmake --preset dev && cmake --build --preset dev"
  local wanted=("${build_packages[@]}" "$@") missing llvm
  # npm comes with nodejs where that is not Debian's own, and Debian's npm would then be refused. Debian's node knows no
  # certificates by itself.
  command -v node >/dev/null || wanted+=(nodejs)
  command -v npm >/dev/null || wanted+=(npm ca-certificates)
  mapfile -t missing < <(missing_of "${wanted[@]}")
  llvm=$(llvm_version)
  if [ ${#missing[@]} -gt 0 ] || [ -z "$llvm" ] || [ -n "$(missing_of $(llvm_packages "$llvm"))" ]; then
    step "looking up packages"
    [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null || run_logged apt-update as_root apt-get update -q
    llvm=$(llvm_version)
    [ -n "$llvm" ] || die "neither LLVM 22 nor LLVM 19 is packaged here" \
      "add bookworm or bookworm-security to /etc/apt/sources.list"
    mapfile -t missing < <(missing_of "${wanted[@]}" $(llvm_packages "$llvm"))
    [ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
  fi
}

llvm_packages() { [ -z "$1" ] || say "clang-$1 llvm-$1-dev libclang-$1-dev lld-$1"; }

# build PRESET TARGET...: everything when no target is named.
build() {
  local preset=$1
  shift
  step "configuring build/$preset"
  run_logged "configure-$preset" cmake --preset "$preset"
  step "building (the first time takes some minutes)"
  run_logged "build-$preset" cmake --build --preset "$preset" -j "$(nproc)" ${1:+--target "$@"}
}
