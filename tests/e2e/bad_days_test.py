#!/usr/bin/env python3
"""Bad days: whatever happens, the target behaves as without us, the message says cause and next step, the exit code is right."""
import json
import os
import pty
import signal
import subprocess
import sys
import time
import unittest

from tool import CORPUS, NOBODY, PATIENCE_S, TOOL, ToolTest, root_only, state_of, wait_until


class ExitStatus(ToolTest):
    def test_the_targets_own(self):
        for wanted in (0, 1, 7, 125, 255):
            self.assertEqual(self.profile("sh", "-c", f"exit {wanted}").returncode, wanted)

    def test_signals(self):
        for number in (signal.SIGSEGV, signal.SIGKILL, signal.SIGTERM, signal.SIGPIPE):
            self.assertEqual(self.profile("sh", "-c", f"kill -{int(number)} $$").returncode, 128 + number)
            self.assertEqual(self.result()["target"]["exit_signal"], number)

    def test_not_found(self):
        done = self.profile("no-such-program-here")
        self.assertEqual(done.returncode, 127)
        self.assertIn("no-such-program-here", done.stderr)
        self.assertEqual(self.profile("./no/such/file").returncode, 127)

    @root_only
    def test_not_found_beside_a_closed_folder(self):
        """A folder of PATH that may not be searched does not make it a program that may not be run."""
        (self.folder / "closed").mkdir(mode=0o700)
        done = self.profile("no-such-program-here", user=NOBODY, env={**os.environ, "PATH": f"{self.folder}/closed:/usr/bin:/bin"})
        self.assertEqual(done.returncode, 127, done.stderr)

    def test_not_executable(self):
        (self.folder / "plain").write_text("text")
        done = self.profile("./plain")
        self.assertEqual(done.returncode, 126)
        self.assertIn("plain", done.stderr)
        self.assertEqual(self.profile("./").returncode, 126)

    def test_a_script_without_its_interpreter(self):
        script = self.folder / "script"
        script.write_text("#!/no/such/interpreter\n")
        script.chmod(0o755)
        done = self.profile("./script")
        self.assertIn(done.returncode, (126, 127))
        self.assertIn("interpreter", done.stderr)

    def test_usage(self):
        for words in (["profile"], ["profile", "--no-such-option", "true"], ["profile", "-p", "abc"], ["profile", "--duration", "-1", "true"],
                      ["profile", "-p", "1", "--", "true"]):
            done = self.run_tool([TOOL, *words])
            self.assertEqual(done.returncode, 125, words)
            self.assertNotEqual(done.stderr.strip(), "", words)
            self.assertEqual(done.stdout, b"", words)

    def test_a_typo_gets_the_nearest_name(self):
        done = self.run_tool([TOOL, "profil"])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("profile", done.stderr)

    def test_bare(self):
        done = self.run_tool([TOOL])
        self.assertIn("concadvise profile", (done.stdout.decode() + done.stderr))


class Untouched(ToolTest):
    """What the target sees is what it would see without us."""

    def test_pipes(self):
        data = os.urandom(300_000)
        done = self.profile("cat", stdin=data)
        self.assertEqual(done.stdout, data)
        done = self.profile("sh", "-c", "echo out; echo err >&2")
        self.assertEqual(done.stdout, b"out\n")
        self.assertIn("err\n", done.stderr)

    def test_closed_pipe(self):
        """The target gets SIGPIPE from `| head -1`, and has its default action."""
        words = " ".join(self.profile_words("--", "yes"))
        done = self.run_tool(["bash", "-c", f"{words} | head -1; echo ${{PIPESTATUS[0]}}"])
        self.assertEqual(done.stdout.split(), [b"y", b"141"])

    def test_its_surroundings(self):
        """Descriptors, environment, signals, limits, group, session, priority, mask: as for a child of the same shell."""
        look = ("ls -l /proc/self/fd | awk '{print $9}' | grep -v '^$' | sort -n | tr '\\n' ' '; echo; env | grep -v '^_=' | sort; umask; ulimit -a; ulimit -Ha; "
                "grep -E '^(Sig(Q|Blk|Ign|Cgt)|NoNewPrivs|Seccomp|Cpus_allowed|Uid|Gid|Groups|CapEff|CapBnd|TracerPid)' /proc/self/status | grep -v SigQ; "
                "nice; pwd; awk '{print $5, $6}' /proc/self/stat >/dev/null; cat /proc/self/oom_score_adj /proc/self/timerslack_ns 2>/dev/null")
        plain = self.run_tool(["bash", "-c", look])
        seen = self.profile("bash", "-c", look)
        self.assertEqual(seen.stdout.decode(), plain.stdout.decode())

    def test_ignored_signals_stay_ignored(self):
        look = "grep -E '^Sig(Blk|Ign)' /proc/self/status"
        words = " ".join(self.profile_words("--", "bash", "-c", f'"{look}"'))
        done = self.run_tool(["bash", "-c", f"trap '' HUP USR1 PIPE; {look}; {words}"])
        lines = done.stdout.decode().splitlines()
        self.assertEqual(lines[:2], lines[2:])

    def test_terminal(self):
        """On a terminal the target has it as its standard input and as its controlling terminal."""
        leader, follower = pty.openpty()
        words = self.profile_words("--", "sh", "-c", "test -t 0 && test -t 1 && : </dev/tty && exit 5")
        process = self.start(["setsid", "-c", "-w", *words], stdin=follower, stdout=follower, stderr=follower)
        os.close(follower)
        self.addCleanup(os.close, leader)
        try:
            while os.read(leader, 4096):
                pass
        except OSError:
            pass
        self.assertEqual(process.wait(PATIENCE_S), 5)

    def test_names_that_are_no_text(self):
        odd = b"a\xff\xfe\n\"</script>\x1b[31m"
        done = self.profile("echo", os.fsdecode(odd))
        self.assertEqual(done.stdout, odd + b"\n")
        self.assertEqual(done.returncode, 0)
        self.result()
        self.assertNotIn("\x1b[31m", done.stderr)

    def test_standard_descriptors_closed(self):
        """With 0, 1 or 2 closed our files must not take their place: the target would write into them."""
        for closed in ("0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"):
            words = " ".join(self.profile_words("--", "sh", "-c", "'echo out; echo err >&2; exit 6'"))
            done = self.run_tool(["bash", "-c", f"exec {closed}; {words}"])
            self.assertEqual(done.returncode, 6, closed)
            self.result()

    def test_nobody_reads_what_we_say(self):
        """Standard error is full, or its reader has gone: the status is the target's, and the result is saved."""
        words = " ".join(self.profile_words("--", "sh", "-c", "'sleep 0.2; exit 6'"))
        for elsewhere in ("2>/dev/full", "2> >(exec 0<&-; exec sleep 1)"):
            done = self.run_tool(["bash", "-c", f"{words} {elsewhere}"])
            self.assertEqual(done.returncode, 6, elsewhere)
            self.result()
            (self.folder / "out.json").unlink()

    def test_ignores_sigterm(self):
        """SIGTERM to us ends the recording; the target, which was not asked or does not care, goes on and its status is returned."""
        process = self.start(self.profile_words("--", "sh", "-c", "trap '' TERM; echo $$; until test -e go; do sleep 0.05; done; exit 7"),
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        target = int(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        self.assertTrue(wait_until((self.folder / "out.json").exists))
        self.result()
        os.kill(target, signal.SIGTERM)
        self.assertIsNone(process.poll())
        (self.folder / "go").touch()
        self.assertEqual(process.wait(PATIENCE_S), 7)

    def test_closes_all_descriptors(self):
        self.assertEqual(self.profile(f"{CORPUS}/process", "closes-descriptors", "0.3").returncode, 0)
        self.assertGreater(self.result()["measurement"]["cpu_s"], 0.25)

    @root_only
    def test_changes_user(self):
        self.assertEqual(self.profile(f"{CORPUS}/process", "drops-privileges", "0.5").returncode, 0)
        self.assertGreater(self.result()["measurement"]["cpu_s"], 0.45)

    @root_only
    def test_short_children_of_a_user(self):
        """A child that is just ending can't be read; that is no lack of permission."""
        self.assertEqual(self.profile(self.for_anyone(f"{CORPUS}/process"), "short-children", "1", user=NOBODY).returncode, 0)
        self.assertNotIn("may not be read", " ".join(self.result()["measurement"]["notes"]))

    def test_a_child_with_many_threads_ends(self):
        """Threads that rest are looked at less often; that all of them have ended is seen."""
        self.assertEqual(self.profile("sh", "-c", f"{CORPUS}/waits five-thousand-sleepers 3; true").returncode, 0)
        self.assertNotIn("still run", " ".join(self.result()["measurement"]["notes"]))

    def test_exec(self):
        self.assertEqual(self.profile(f"{CORPUS}/process", "exec-chain", "0.5").returncode, 0)
        self.assertGreater(self.result()["measurement"]["cpu_s"], 0.45)

    def test_crash(self):
        self.assertEqual(self.profile("sh", "-c", f"ulimit -c 0; exec {CORPUS}/process crashes 0.3").returncode, 139)
        self.assertEqual(self.result()["target"]["exit_signal"], signal.SIGSEGV)

    def test_stopped(self):
        """A target that is stopped stays so until somebody continues it; we neither continue nor end it."""
        process = self.start(self.profile_words("--", "sh", "-c", "echo $$; kill -STOP $$; echo again; exit 4"), stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        target = int(process.stdout.readline())
        self.assertTrue(wait_until(lambda: state_of(target) == "T"))
        time.sleep(0.5)
        self.assertEqual(state_of(target), "T")
        os.kill(target, signal.SIGCONT)
        self.assertEqual(process.stdout.readline(), b"again\n")
        self.assertEqual(process.wait(PATIENCE_S), 4)


class Daemons(ToolTest):
    def test_none_is_missed(self):
        """The starter ends within a millisecond or so: whenever that falls between our looks, its daemon is what is measured."""
        for _ in range(10):
            done = self.profile("setsid", "--fork", "sleep", "0.2", options=["--no-html"])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("daemon", done.stderr)
            self.assertIn("sleep", [process["name"] for process in self.result()["processes"]])


class Interrupt(ToolTest):
    """^C goes to the whole foreground group, as a terminal sends it."""

    def start_group(self, *command):
        process = self.start(self.profile_words("--", *command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
        target = int(process.stdout.readline())
        self.addCleanup(self.kill_quietly, target)
        time.sleep(0.3)
        return process, target

    def test_once(self):
        process, _ = self.start_group("sh", "-c", "echo $$; exec sleep 100")
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 128 + signal.SIGINT)
        self.assertGreater(self.result()["measurement"]["wall_s"], 0.1)

    def test_once_with_a_target_that_handles_it(self):
        process, _ = self.start_group("sh", "-c", "trap 'echo bye; exit 3' INT; echo $$; while :; do sleep 0.1; done")
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE_S)
        self.assertEqual((out, process.returncode), (b"bye\n", 3))
        self.result()

    def test_twice_with_a_target_that_ignores_it(self):
        process, target = self.start_group("sh", "-c", "trap '' INT; echo $$; exec sleep 100")
        os.killpg(process.pid, signal.SIGINT)
        self.assertTrue(wait_until((self.folder / "out.json").exists), "the first ^C keeps what was measured")
        self.result()
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        process.wait(PATIENCE_S)  # the target still holds the pipes: they do not end
        self.assertNotIn(state_of(target), ("gone", "Z", "T"), "the target lives on, as without us")

    def test_once_attached(self):
        target = self.start(["sleep", "100"])
        process = self.start(self.profile_words("-p", str(target.pid)), stderr=subprocess.PIPE, start_new_session=True)
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0)
        self.result()
        self.assertIsNone(target.poll())


class Output(ToolTest):
    """The measurement is kept, or the loss is said."""

    def lost_or_kept(self, done, folder):
        """Our failure before the target ran, or a result elsewhere that the message names."""
        self.assertIn(str(folder), done.stderr)
        kept = {word.rstrip(".,") for word in done.stderr.split() if word.startswith("/") and word.rstrip(".,").endswith(".json")}
        found = [path for path in kept if os.path.isfile(path)]
        for path in found:
            self.addCleanup(os.unlink, path)
            with open(path) as file:
                json.load(file)
        if done.stdout:
            self.assertTrue(found or done.returncode == 125, done.stderr)
        else:
            self.assertEqual(done.returncode, 125)

    def test_no_such_folder(self):
        done = self.run_tool([TOOL, "profile", "-o", str(self.folder / "no/such/out"), "--", "echo", "ran"])
        self.lost_or_kept(done, self.folder / "no/such")

    @root_only
    def test_not_writable(self):
        closed = self.folder / "closed"
        closed.mkdir(mode=0o755)
        done = self.run_tool([TOOL, "profile", "-o", str(closed / "out"), "--", "echo", "ran"], user=NOBODY)
        self.lost_or_kept(done, closed)

    @root_only
    def test_disk_full(self):
        small = self.folder / "small"
        small.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", small], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("no tmpfs may be mounted here")
        self.addCleanup(subprocess.run, ["umount", small], check=True)
        (small / "fill").write_bytes(b"x" * 12288)
        done = self.run_tool([TOOL, "profile", "-o", str(small / "out"), "--", "sh", "-c", "echo ran; sleep 0.5"])
        self.assertEqual(done.stdout, b"ran\n")
        self.lost_or_kept(done, small)
        for path in small.glob("*.json"):
            json.loads(path.read_text())

    def test_file_in_the_way(self):
        (self.folder / "out.json").mkdir()
        done = self.profile("echo", "ran")
        self.lost_or_kept(done, self.folder / "out.json")

    def test_results_survive_a_later_failure(self):
        """A result that is there is replaced as a whole or not at all."""
        self.profile("true")
        before = self.result()
        self.profile("no-such-program-here")
        self.assertEqual(self.result(), before)

    def test_nothing_else_is_left(self):
        self.profile("sleep", "0.3")
        self.assertEqual(self.results(), ["out.html", "out.json"])


class Attach(ToolTest):
    def attach(self, *pids, seconds="1", **more):
        words = [word for pid in pids for word in ("-p", str(pid))]
        return self.run_tool(self.profile_words(*words, "--duration", seconds), **more)

    def test_no_such_process(self):
        done = self.attach(2 ** 22 - 1)
        self.assertEqual(done.returncode, 125)
        self.assertIn(str(2 ** 22 - 1), done.stderr)

    @root_only
    def test_no_permission(self):
        """Another user's process: either the reason and what to run, or a result that says what it could not see."""
        target = self.start(["sleep", "100"])
        done = self.attach(target.pid, user=NOBODY)
        if done.returncode == 0:
            notes = " ".join(self.result()["measurement"]["notes"] + [rung["why_not"] for rung in self.result()["measurement"]["ladder"]])
            self.assertRegex(notes.lower(), "permission|not permitted|denied|other user|another user")
        else:
            self.assertEqual(done.returncode, 125)
            self.assertRegex(done.stderr.lower(), "permission|permitted|denied|user")
            self.assertIn("sudo", done.stderr)

    def test_target_ends_meanwhile(self):
        target = self.start(["sleep", "1"])
        reaper = self.start(self.profile_words("-p", str(target.pid), "--duration", "1000"), stderr=subprocess.PIPE)
        target.wait(PATIENCE_S)
        reaper.communicate(timeout=PATIENCE_S)
        self.assertEqual(reaper.returncode, 0)
        self.assertTrue(self.result()["target"]["ended"])

    def test_target_ends_while_attaching(self):
        """A race that we can't win: a result or a message, never a crash or a hang."""
        for delay in (0, 0.001, 0.003, 0.01, 0.03):
            target = self.start(["sleep", str(delay)])
            words = self.profile_words("-p", str(target.pid), "--duration", "1000")
            process = self.start(words, stderr=subprocess.PIPE)
            target.wait(PATIENCE_S)
            _, err = process.communicate(timeout=PATIENCE_S)
            self.assertIn(process.returncode, (0, 125), err)
            self.assertNotEqual(err.strip(), b"")

    def test_stopped_process(self):
        target = self.start(["sleep", "100"])
        os.kill(target.pid, signal.SIGSTOP)
        done = self.attach(target.pid)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(state_of(target.pid), "T")

    def test_a_zombie(self):
        target = self.start(["true"])
        self.assertTrue(wait_until(lambda: state_of(target.pid) == "Z"))
        done = self.attach(target.pid)
        if done.returncode == 0:
            self.assertTrue(self.result()["target"]["ended"])
        else:
            self.assertEqual(done.returncode, 125)
            self.assertIn(str(target.pid), done.stderr)

    def test_new_threads_and_children_are_seen(self):
        target = self.start(["sh", "-c", f"sleep 0.7; {CORPUS}/cpu joined-worker 1; sleep 100"], start_new_session=True)
        self.addCleanup(os.killpg, target.pid, signal.SIGKILL)
        done = self.attach(target.pid, seconds="3")
        self.assertEqual(done.returncode, 0, done.stderr)
        burner = [process for process in self.result()["processes"] if process["name"] == "cpu"]
        self.assertEqual(len(burner), 1)
        self.assertGreater(burner[0]["cpu_s"], 0)
        self.assertGreaterEqual(burner[0]["threads_peak"], 2)

    def test_a_thread(self):
        """The number of any thread stands for its process, and a process that is named twice is measured once."""
        target = self.start([f"{CORPUS}/waits", "five-sleepers", "100"])
        self.assertTrue(wait_until(lambda: len(os.listdir(f"/proc/{target.pid}/task")) == 6))
        threads = sorted(int(number) for number in os.listdir(f"/proc/{target.pid}/task"))
        done = self.attach(threads[-1], target.pid, threads[1])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.result()["target"]["pids"], [target.pid])
        self.assertEqual(sorted(thread["tid"] for thread in self.result()["threads"]), threads)

    def test_first_thread_has_ended(self):
        """It looks like a zombie and works on."""
        target = self.start([f"{CORPUS}/cpu", "leader-gone", "100"])
        self.assertTrue(wait_until(lambda: state_of(target.pid) == "Z"))
        done = self.attach(target.pid)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(self.result()["measurement"]["cpu_s"], 0)

    def test_what_started_us(self):
        """We are a descendant of the target then, and no part of it."""
        done = self.run_tool(["bash", "-c", " ".join(self.profile_words("-p", "$$", "--duration", "1")) + "; true"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("concadvise", [process["name"] for process in self.result()["processes"]])

    def test_several(self):
        targets = [self.start(["sleep", "100"]) for _ in range(2)]
        self.assertEqual(self.attach(*(target.pid for target in targets)).returncode, 0)
        self.assertEqual(sorted(self.result()["target"]["pids"]), sorted(target.pid for target in targets))

    @root_only
    def test_kernel_thread(self):
        """A process without user space is no target; a message or an empty result, no crash."""
        done = self.attach(2)
        self.assertIn(done.returncode, (0, 125), done.stderr)


if __name__ == "__main__":
    sys.exit(unittest.main())
