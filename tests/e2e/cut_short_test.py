#!/usr/bin/env python3
"""What is killed without warning, or cut short: the target goes on as if nothing had been there, and what was known is kept."""
import json
import os
import signal
import subprocess
import sys
import unittest

from tool import CORPUS, TOOL, ToolTest, state_of, wait_until

# Says its number, works on in small steps, and then tells how it ended: whoever looks sees whether it was harmed.
TARGET = "trap 'echo hung up >>ended' HUP PIPE TERM INT; echo $$; until test -e finish; do sleep 0.05; done; echo finished >>ended; exit 3"


class Killed(ToolTest):
    def partial(self):
        return self.folder / "out.partial.json"

    def finish(self, target):
        """Lets the target end, and returns what it said at its end."""
        self.assertNotIn(state_of(target), ("gone", "Z", "T"))
        (self.folder / "finish").touch()
        self.assertTrue(wait_until(lambda: state_of(target) in ("gone", "Z")), "the target ends by itself")
        return (self.folder / "ended").read_text()

    def check_partial(self):
        saved = json.loads(self.partial().read_text())
        self.assertGreater(saved["measurement"]["wall_s"], 0)
        self.assertAlmostEqual(sum(saved["shares"].values()), 1, places=6)
        for thread in saved["threads"]:
            self.assertAlmostEqual(sum(thread["states"].values()), thread["end_s"] - thread["start_s"], delta=0.005 * thread["end_s"] + 1e-6)
        done = self.run_tool([TOOL, "report", "out.partial.json", "-o", "page.html"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Cut short", (self.folder / "page.html").read_text())
        done = self.run_tool([TOOL, "report", "out.partial.json", "--format", "text"])
        self.assertRegex(done.stdout.decode(), "(?s)Cut short.*Verdict +It .*Path +1\\.")

    def test_launched(self):
        process = self.start(self.profile_words("--", "sh", "-c", TARGET), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        target = int(process.stdout.readline())
        self.addCleanup(self.kill_quietly, target)
        self.assertTrue(wait_until(self.partial().exists), "what is known so far is kept")
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertEqual(self.results(), ["out.partial.json"])
        self.assertEqual(self.finish(target), "finished\n")
        self.check_partial()

    def test_attached(self):
        target = self.start(["sh", "-c", TARGET], stdout=subprocess.PIPE)
        target.stdout.readline()
        process = self.start(self.profile_words("-p", str(target.pid)), stderr=subprocess.DEVNULL)
        self.assertTrue(wait_until(self.partial().exists), "what is known so far is kept")
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.assertEqual(self.finish(target.pid), "finished\n")
        self.assertEqual(target.wait(), 3)
        self.check_partial()

    def test_before_the_command_runs(self):
        """Killed at any moment of its start: the command has run as itself or not at all."""
        for delay in (0.005, 0.01, 0.02, 0.04, 0.08):
            process = self.start(self.profile_words("--", "sh", "-c", "echo begins >>ran; sleep 0.3; echo ends >>ran"), stderr=subprocess.DEVNULL)
            try:
                process.wait(delay)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
        ran = self.folder / "ran"
        self.assertTrue(wait_until(lambda: not ran.exists() or len(ran.read_text().splitlines()) % 2 == 0))

    def test_nothing_is_left_of_a_measurement_that_ends(self):
        self.partial().write_text("of an earlier one")
        self.profile("sleep", "1.6")
        self.assertEqual(self.results(), ["out.html", "out.json"])

    def test_twice_interrupted(self):
        """The second ^C ends us at once: what is left behind is named."""
        process = self.start(self.profile_words("--", "sh", "-c", "trap '' INT; echo $$; exec sleep 100"), stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, start_new_session=True)
        target = int(process.stdout.readline())
        self.addCleanup(self.kill_quietly, target)
        self.assertTrue(wait_until(self.partial().exists))
        os.kill(process.pid, signal.SIGSTOP)  # so that both are there when it looks
        os.kill(process.pid, signal.SIGINT)
        os.kill(process.pid, signal.SIGTERM)
        os.kill(process.pid, signal.SIGCONT)
        process.wait()
        os.kill(target, signal.SIGKILL)
        said = process.stderr.read().decode()
        self.assertIn(process.returncode, (128 + signal.SIGINT, 128 + signal.SIGTERM))
        self.assertIn("out.partial.json", said)


class CutFile(ToolTest):
    """A saved result of which the end is missing."""

    def setUp(self):
        super().setUp()
        self.profile(f"{CORPUS}/waits", "half-and-half", "0.5")
        self.whole = (self.folder / "out.json").read_text()

    def load(self, text):
        (self.folder / "cut.json").write_text(text)
        return self.run_tool([TOOL, "report", "cut.json", "--format", "text"])

    def test_in_the_verdict(self):
        """All that was measured is there: it is judged anew."""
        verdict = self.whole.index('"verdict"')
        was = json.loads(self.whole)["verdict"]["class"]
        for end in (verdict + 15, verdict + 40, self.whole.index('"advice"') + 60, len(self.whole) - 3):
            done = self.load(self.whole[:end])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("cut short", done.stdout.decode())
            (self.folder / "page.html").unlink(missing_ok=True)
            again = self.run_tool([TOOL, "report", "cut.json", "--format", "json"])
            self.assertEqual(json.loads(again.stdout)["verdict"]["class"], was)

    def test_before_it(self):
        """What is missing can't be judged: a message with the next step."""
        for end in (0, 1, 20, len(self.whole) // 10, self.whole.index('"threads"') + 100, self.whole.index('"windows"') + 30):
            done = self.load(self.whole[:end])
            self.assertNotEqual(done.returncode, 0, end)
            self.assertIn("cut short", done.stderr, end)
            self.assertIn("measure again", done.stderr, end)
            self.assertEqual(done.stdout, b"", end)


if __name__ == "__main__":
    sys.exit(unittest.main())
