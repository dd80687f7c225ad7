"""The real binary, run as a user would, for the end-to-end tests. The environment names it: CONCADVISE, CORPUS (its programs)."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

TOOL = os.environ["CONCADVISE"]
CORPUS = os.environ["CORPUS"]
PATIENCE_S = 120  # only to end a test that hangs; no test asserts how long something takes
NOBODY = 65534


class ToolTest(unittest.TestCase):
    """Each test has a folder of its own, which is also the working directory."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="e2e-"))
        self.folder.chmod(0o777)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def profile_words(self, *words, options=(), output="out"):
        return [self.for_anyone(TOOL), "profile", *options, "-o", str(self.folder / output), *words]

    def start(self, words, user=None, **more):
        """Starts it; a test that fails leaves nothing running."""
        drop = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        process = subprocess.Popen(drop + list(words), cwd=self.folder, **more)
        self.addCleanup(self.end, process)
        return process

    def for_anyone(self, path):
        """The program or script where any user may reach it: a copy, where the way to it is closed as below /root."""
        path = pathlib.Path(path)
        if all(folder.stat().st_mode & 0o001 for folder in path.resolve().parents):
            return str(path)
        copy = self.folder / path.name
        if not copy.exists():
            shutil.copy(path, copy)
        return str(copy)

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    @staticmethod
    def kill_quietly(pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def run_tool(self, words, user=None, stdin=b"", **more):
        """Runs to the end: an object with returncode, stdout, stderr (text)."""
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        process = self.start(words, user, stdin=subprocess.PIPE, **more)
        out, err = process.communicate(stdin, timeout=PATIENCE_S)
        return subprocess.CompletedProcess(words, process.returncode, out, (err or b"").decode(errors="replace"))

    def profile(self, *command, options=(), output="out", **more):
        return self.run_tool(self.profile_words("--", *command, options=options, output=output), **more)

    def result(self, output="out"):
        return json.loads((self.folder / f"{output}.json").read_text())

    def results(self):
        return sorted(path.name for path in self.folder.iterdir())


def root_only(test):
    return unittest.skipUnless(os.getuid() == 0, "needs root")(test)


def wait_until(condition):
    """Waits for something that must happen; what must not be is a hang."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def state_of(pid):
    """The letter of /proc/PID/stat, "gone" when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "gone"
