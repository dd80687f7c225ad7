#!/usr/bin/env python3
"""make.py [BUILD_FOLDER [REPORTS_FOLDER]]: measures five programs, and takes the pictures of their reports for this folder.

The programs are examples, programs of the test corpus and one of this folder; BUILD_FOLDER (build/dev) has them and concadvise. The reports stay
in REPORTS_FOLDER (BUILD_FOLDER/docs-reports). Pictures need Chromium and the npm packages of the browser tests, which
`ctest -R browser.page` installs; without them only the reports are made.
"""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/dev").resolve()
OUT = Path(sys.argv[2] if len(sys.argv) > 2 else BUILD / "docs-reports").resolve()
TOOL = BUILD / "concadvise"
PROGRAMS = ROOT / "tests/corpus/programs"


def run(*command, fine=(0,)):
    done = subprocess.run([str(word) for word in command], cwd=ROOT, stdout=subprocess.DEVNULL)
    if done.returncode not in fine:
        sys.exit(f"exit status {done.returncode}: {' '.join(map(str, command))}")


class Peer:
    """A program that prints `ready PORT`, and is ended at the end."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(word) for word in command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def peer(*arguments):
    return Peer(sys.executable, PROGRAMS / "peer.py", *arguments)


def lint(name, *paths):
    run(TOOL, "lint", "-p", BUILD, "--format", "json", "-o", OUT / f"{name}.lint.json", *paths, fine=(0, 1))
    return OUT / f"{name}.lint.json"


def page(name, *results):
    run(TOOL, "report", *results, "-o", OUT / f"{name}.html")


def main():
    OUT.mkdir(parents=True, exist_ok=True)

    with Peer(BUILD / "corpus/server", "loop-sleeps", "60") as server, peer("ask", server.port, "8"):
        run(TOOL, "profile", "-q", "--no-html", "-o", OUT / "cpp-server", "--duration", "6", "-p", server.process.pid)
    page("cpp-server", OUT / "cpp-server.json", lint("cpp-server", "tests/corpus/programs/server.cpp"))

    run(TOOL, "profile", "-q", "--no-html", "-o", OUT / "python-script", "--", "python3", "examples/sequential_waits.py")
    page("python-script", OUT / "python-script.json", lint("python-script", "examples/sequential_waits.py"))

    with peer("slow-tcp", "0.05") as backend, Peer("python3", "docs/images/healthy_service.py", backend.port) as service, peer("ask", service.port, "16"):
        run(TOOL, "profile", "-q", "--no-html", "-o", OUT / "healthy-service", "--duration", "4", "-p", service.process.pid)
    page("healthy-service", OUT / "healthy-service.json", lint("healthy-service", "docs/images/healthy_service.py"))

    with peer("slow-tcp", "0.03") as backend:
        run(TOOL, "profile", "-q", "--no-html", "-o", OUT / "mixed", "--", BUILD / "corpus/waits", "fetch-and-compute", "6", backend.port)
    page("mixed", OUT / "mixed.json")

    page("lint-only", lint("lint-only", "examples"))

    packages = BUILD / "tests/browser/npm"
    if (packages / "node_modules/playwright-core").is_dir():
        os.environ["PLAYWRIGHT"] = str(packages / "node_modules/playwright-core/index.mjs")
        run("node", ROOT / "docs/images/shoot.mjs", OUT, ROOT / "docs/images/reports")
    print(OUT)


if __name__ == "__main__":
    main()
