"""The level perf as a user meets it: events by name, rings that overrun."""
import os
import pathlib
import signal
import sys
import time
import unittest

from tool import NOBODY, PATIENCE_S, ToolTest, root_only

PYTHON = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable  # one that other users may run, too
BURN = [PYTHON, "-c", "import time\nend = time.process_time() + 2.5\nwhile time.process_time() < end: sum(range(1000))"]


class Event(ToolTest):
    def test_a_wrong_name_gets_the_nearest_one_and_nothing_is_run(self):
        for typed, near in (("cpu-clok", "cpu-clock"), ("Page-Fault", "page-faults"), ("instruction", "instructions")):
            with self.subTest(typed):
                done = self.profile("touch", str(self.folder / "it-ran"), options=["--event", typed])
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(f"'{typed}'", done.stderr)
                self.assertIn(f"Did you mean {near}?", done.stderr)
                self.assertEqual(self.results(), [])

    def test_a_name_like_no_other_says_where_to_look(self):
        done = self.profile("true", options=["--event", "q"])
        self.assertIn("perf list", done.stderr)

    def test_a_software_event_is_taken(self):
        self.profile(*BURN, options=["--level", "perf", "--event", "page-faults"])
        measurement = self.result()["measurement"]
        rung = next(rung for rung in measurement["ladder"] if rung["level"] == "perf")
        if not rung["used"]:
            self.skipTest(rung["why_not"])
        self.assertIn("'page-faults'", " ".join(measurement["notes"]))


def cpu_s(parent):
    """CPU seconds of the process that the parent has started; 0 while there is none."""
    try:
        child = pathlib.Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0]
        fields = pathlib.Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    except (OSError, IndexError):
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for_cpu(tool, seconds):
    end = time.monotonic() + PATIENCE_S
    while tool.poll() is None and cpu_s(tool.pid) < seconds and time.monotonic() < end:
        time.sleep(0.02)


class Overrun(ToolTest):
    """We are stopped for longer than the rings last, as a machine that is too busy does it."""

    def overrun(self, user=None):
        process = self.start(self.profile_words("--", *BURN, options=["--level", "perf", "--frequency", "10000"]), user, stderr=-1)
        wait_for_cpu(process, 0.5)
        os.kill(process.pid, signal.SIGSTOP)
        # Of where it is by now, as this test may come late, too; the rings are full after a tenth of it.
        wait_for_cpu(process, cpu_s(process.pid) + 0.7)
        os.kill(process.pid, signal.SIGCONT)
        _, said = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0)
        result = self.result()
        measurement = result["measurement"]
        rung = next(rung for rung in measurement["ladder"] if rung["level"] == "perf")
        if not rung["used"]:
            self.skipTest(rung["why_not"])
        notes = " ".join(measurement["notes"])
        if "sampling was given up" in notes:
            self.skipTest("others want the CPU too: " + notes)
        self.assertGreater(measurement["lost_events"], 0)
        self.assertGreater(measurement["lost"], 0)
        self.assertIn("were lost because we came too late", notes)
        self.assertNotIn("nothing lost", said.decode())
        verdict = result["verdict"]
        self.assertLess(verdict["confidence"], 1 - measurement["lost"] + 1e-9)
        if measurement["lost"] > 0.06:
            self.assertRegex(" ".join(verdict["confidence_why"]), "of the data (was )?lost")

    def test_lowers_the_confidence_and_is_said(self):
        self.overrun()

    @root_only
    def test_lowers_the_confidence_of_users_too(self):
        self.overrun(NOBODY)


class Switches(ToolTest):
    """Preemptions are told from waits without any privilege."""

    @root_only
    def test_are_counted_for_users(self):
        crowd = "import os\nos.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\nos.fork()\n" + BURN[2].replace("2.5", "0.5")
        self.profile(PYTHON, "-c", crowd, options=["--level", "perf"], user=NOBODY)
        result = self.result()
        rung = next(rung for rung in result["measurement"]["ladder"] if rung["level"] == "perf switches")
        if not rung["used"]:
            self.skipTest(rung["why_not"])
        self.assertGreater(sum(thread["preemptions"] for thread in result["threads"]), 20)
        for thread in result["threads"]:
            self.assertLessEqual(thread["preemptions"], thread["switches"] + 1)


if __name__ == "__main__":
    unittest.main()
