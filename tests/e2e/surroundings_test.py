#!/usr/bin/env python3
"""Machines that give less than others: no perf events, a /proc that hides or is not there, few descriptors, part of a CPU."""
import contextlib
import os
import pathlib
import subprocess
import sys
import time
import unittest

from tool import CORPUS, NOBODY, PATIENCE_S, TOOL, ToolTest, root_only

FOLDER = pathlib.Path(__file__).parent
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def possible(*words):
    return subprocess.run(words, **QUIET).returncode == 0


class Surroundings(ToolTest):
    def rungs(self):
        return {rung["level"]: rung for rung in self.result()["measurement"]["ladder"]}

    def check(self, done, klass, status=0):
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(self.result()["verdict"]["class"], klass, done.stderr)

    def check_refused(self, level, reason, command):
        rung = self.rungs()[level]
        self.assertFalse(rung["used"], level)
        self.assertRegex(rung["why_not"], reason)
        self.assertRegex(rung["command"], command)

    def test_no_perf_events(self):
        users = (None, NOBODY) if os.getuid() == 0 else (None,)
        for user in users:
            words = [sys.executable, self.for_anyone(FOLDER / "without_perf.py"),
                     *self.profile_words("--", self.for_anyone(f"{CORPUS}/waits"), "sleeps", "0.5", output=f"of{user}")]
            done = self.run_tool(words, user=user)
            self.assertEqual(done.returncode, 0, done.stderr)
            result = self.result(f"of{user}")
            self.assertEqual((result["measurement"]["level"], result["verdict"]["class"]), ("procfs", "io-bound"), done.stderr)
            perf = next(rung for rung in result["measurement"]["ladder"] if rung["level"] == "perf")
            self.assertFalse(perf["used"])
            self.assertRegex(perf["why_not"], "seccomp")
            self.assertNotEqual(perf["command"], "")

    def in_namespace(self, prepare, *command, user=None):
        """Runs a command in mounts of its own, prepared by a shell line."""
        drop = f"setpriv --reuid={user} --regid={user} --clear-groups" if user else ""
        return self.run_tool(["unshare", "--mount", "sh", "-c", f'{prepare} && exec {drop} "$@"', "sh", *command])

    @root_only
    def test_processes_of_others_are_hidden(self):
        if not possible("unshare", "--mount", "true"):
            self.skipTest("no mount name spaces here")
        hide = "mount -t proc -o hidepid=2 proc /proc"
        done = self.in_namespace(hide, *self.profile_words("--", self.for_anyone(f"{CORPUS}/waits"), "sleeps", "0.5"), user=NOBODY)
        self.check(done, "io-bound")
        target = self.start(["sleep", "100"])
        done = self.in_namespace(hide, TOOL, "profile", "-p", str(target.pid), "-o", str(self.folder / "other"), user=NOBODY)
        self.assertEqual(done.returncode, 125)
        self.assertIn(str(target.pid), done.stderr)
        self.assertRegex(done.stderr, "sudo|root", "a hidden process may be there all the same")

    @root_only
    def test_proc_is_read_only(self):
        if not possible("unshare", "--mount", "true"):
            self.skipTest("no mount name spaces here")
        done = self.in_namespace("mount -o bind /proc /proc && mount -o remount,bind,ro /proc", *self.profile_words("--", f"{CORPUS}/waits", "sleeps", "0.5"))
        self.check(done, "io-bound")

    @root_only
    @unittest.skipIf("address" in os.environ.get("SANITIZED", ""), "the sanitizer's check for leaks needs /proc and ends us with a status of its own")
    def test_no_proc(self):
        if not possible("unshare", "--mount", "true"):
            self.skipTest("no mount name spaces here")
        done = self.in_namespace("mount -t tmpfs none /proc", *self.profile_words("--", "sh", "-c", "echo ran"))
        self.assertEqual((done.returncode, done.stdout), (125, b""))
        self.assertRegex(done.stderr, "/proc")
        done = self.in_namespace("mount -t tmpfs none /proc", *self.profile_words("-p", "1"))
        self.assertEqual(done.returncode, 125)
        self.assertRegex(done.stderr, "/proc is not mounted")

    @root_only
    def test_process_numbers_of_its_own(self):
        """In a container with its own numbers, as its root; and from outside."""
        if not possible("unshare", "--pid", "--fork", "--mount-proc", "true"):
            self.skipTest("no process name spaces here")
        container = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
        self.check(self.run_tool([*container, *self.profile_words("--", f"{CORPUS}/waits", "sleeps", "0.5")]), "io-bound")
        self.start([*container, "sh", "-c", f"{CORPUS}/waits sleeps 60 & wait"])
        pids = []
        for _ in range(PATIENCE_S * 20):
            pids = subprocess.run(["pgrep", "-f", f"^{CORPUS}/waits sleeps 60"], capture_output=True, text=True).stdout.split()
            if pids:
                break
        self.check(self.run_tool(self.profile_words("-p", pids[0], "--duration", "1")), "io-bound")

    @root_only
    def test_another_monotonic_clock(self):
        """In a time name space our clock differs from that of the kernel's records."""
        if not possible("unshare", "--time", "--monotonic", "86400", "true"):
            self.skipTest("no time name spaces here")
        done = self.run_tool(["unshare", "--time", "--monotonic", "86400", *self.profile_words("--", f"{CORPUS}/cpu", "joined-worker", "0.4")])
        self.check(done, "cpu-bound")
        result = self.result()
        self.assertLess(result["measurement"]["wall_s"], 3600)
        self.assertAlmostEqual(sum(result["shares"].values()), 1, places=6)
        self.assertAlmostEqual(result["measurement"]["cpu_s"], 0.4, delta=0.1)

    def test_the_time_of_day_steps(self):
        """Only the moment of the start is of the clock that people set."""
        stepping = {**os.environ, "LD_PRELOAD": os.environ["STEPPING_CLOCK"], "ASAN_OPTIONS": "verify_asan_link_order=0"}
        there = self.run_tool(["date", "+%s"], env=stepping).stdout
        self.assertGreater(abs(int(there) - time.time()), 3600, "the clock does not step here: the test would be none")
        self.check(self.run_tool(self.profile_words("--", f"{CORPUS}/waits", "sleeps", "0.5"), env=stepping), "io-bound")
        result = self.result()
        self.assertTrue(0.4 < result["measurement"]["wall_s"] < 3600)
        self.assertAlmostEqual(sum(result["shares"].values()), 1, places=6)
        for thread in result["threads"]:
            self.assertAlmostEqual(sum(thread["states"].values()), thread["end_s"] - thread["start_s"], delta=0.005 * thread["end_s"] + 1e-6)

    def test_few_descriptors(self):
        """No thread is left out when they can't all be kept open."""
        most = 48
        done = self.run_tool(["prlimit", f"--nofile={most}:{most}", *self.profile_words("--", f"{CORPUS}/waits", "hundred-sleepers", "2")])
        self.assertEqual(done.returncode, 0, done.stderr)
        result = self.result()
        lived = [thread for thread in result["threads"] if thread["end_s"] - thread["start_s"] > 0.5]
        self.assertEqual(len(lived), 101)
        self.assertEqual(result["verdict"]["class"], "io-bound")

    def test_hardly_any_descriptor(self):
        """A message or a result, and the reason for what is missing is the limit."""
        for most in (4, 6, 8, 12, 20):
            done = self.run_tool(["prlimit", f"--nofile={most}:{most}", *self.profile_words("--", "echo", "ran", output=f"of{most}")])
            if done.returncode == 125:
                self.assertIn("open files", done.stderr)
                self.assertIn("ulimit -n", done.stderr)
                self.assertEqual(done.stdout, b"")
                continue
            self.assertEqual((done.returncode, done.stdout), (0, b"ran\n"), done.stderr)
            for rung in self.result(f"of{most}")["measurement"]["ladder"]:
                if not rung["used"] and os.getuid() == 0:
                    self.assertIn("open files", rung["why_not"], most)
                    self.assertIn("ulimit -n", rung["command"], most)

    @contextlib.contextmanager
    def control_group(self):
        """A cgroup with half a CPU: the file that takes processes. Version 2 where its cpu controller is to be had, else 1."""
        for root, limit in (("/sys/fs/cgroup", "cpu.max"), ("/sys/fs/cgroup/unified", "cpu.max"), ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us")):
            folder = pathlib.Path(root) / f"concadvise-test-{os.getpid()}"
            try:
                folder.mkdir()
            except OSError:
                continue
            try:
                if not (folder / limit).exists():
                    continue
                (folder / limit).write_text("50000 100000" if limit == "cpu.max" else "50000")
                yield folder / "cgroup.procs"
                return
            except OSError:
                continue
            finally:
                folder.rmdir()
        self.skipTest("no control group with a CPU quota can be made here")

    @root_only
    def test_half_a_cpu(self):
        with self.control_group() as processes:
            done = self.run_tool(["sh", "-c", f'echo $$ >{processes} && exec "$@"', "sh", *self.profile_words("--", f"{CORPUS}/cpu", "one-thread", "0.3")])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertAlmostEqual(self.result()["machine"]["cpus_usable"], 0.5)
        self.assertIn("quota", self.result()["machine"]["cpus_usable_why"])

    def test_one_cpu(self):
        one = str(min(os.sched_getaffinity(0)))
        self.run_tool(["taskset", "-c", one, *self.profile_words("--", f"{CORPUS}/cpu", "one-thread", "0.2")])
        self.assertEqual(self.result()["machine"]["cpus_usable"], 1)

    def test_pressure(self):
        """The share of time in which somebody was held up; -1 where the kernel does not tell."""
        self.profile("sleep", "0.3")
        for resource in ("cpu", "io", "memory"):
            share = self.result()["machine"][f"psi_{resource}_some"]
            if os.path.exists(f"/proc/pressure/{resource}"):
                self.assertTrue(0 <= share <= 1, (resource, share))
            else:
                self.assertEqual(share, -1, resource)


if __name__ == "__main__":
    sys.exit(unittest.main())
