#!/usr/bin/env python3
"""A shell on a terminal with job control, and the command under concadvise in its foreground."""
import fcntl
import os
import pty
import re
import signal
import struct
import sys
import termios
import time
import unittest

from tool import PATIENCE_S, ToolTest


class Terminal(ToolTest):
    def setUp(self):
        super().setUp()
        self.leader, follower = pty.openpty()
        self.addCleanup(os.close, self.leader)
        self.resize(33, 101)
        environment = {**os.environ, "PS1": "READY> ", "TERM": "dumb", "HISTFILE": "/dev/null"}
        self.shell = self.start(["setsid", "-c", "-w", "bash", "--norc", "--noprofile", "-i"], stdin=follower, stdout=follower, stderr=follower, env=environment)
        os.close(follower)
        os.set_blocking(self.leader, False)
        self.seen = ""
        self.expect("READY> ")

    def resize(self, rows, columns):
        fcntl.ioctl(self.leader, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.leader, text.encode())

    def expect(self, pattern):
        """Reads until the pattern has come, and forgets all up to its end."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if found := re.search(pattern, self.seen):
                before, self.seen = self.seen[: found.end()], self.seen[found.end() :]
                return before
            try:
                self.seen += os.read(self.leader, 65536).decode(errors="replace")
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:
                break
        self.fail(f"{pattern!r} did not come: {self.seen!r}")

    def run_in_shell(self, *command):
        script = self.folder / "command.sh"
        script.write_text("\n".join(command) + "\n")
        words = self.profile_words("-q", "--", "sh", str(script))
        self.type(" ".join(words) + "; echo 'status:'$?\n")

    def test_its_size(self):
        self.run_in_shell("stty size", "read line", "stty size")
        self.expect("\n33 101\r\n")
        self.resize(20, 70)
        self.type("\n")
        self.expect("\n20 70\r\n")
        self.expect("status:0")

    def test_it_is_in_the_foreground(self):
        """It may read from the terminal, and is in the terminal's foreground group."""
        self.run_in_shell("read line", "echo got-$line", "awk '{print $5 == $8 ? \"in front\" : \"behind\"}' /proc/self/stat")
        time.sleep(0.2)
        self.type("text\n")
        self.expect("got-text")
        self.expect("\nin front")
        self.expect("status:0")

    def test_stop_and_continue(self):
        """^Z stops it and us, the shell gets its prompt; fg goes on with both."""
        self.run_in_shell("echo begun", "i=0; while test $i -lt 12; do sleep 0.1; i=$((i + 1)); done", "echo done", "exit 5")
        self.expect("\nbegun")
        self.type("\x1a")
        self.expect("Stopped")
        self.expect("READY> ")
        self.type("jobs -l\n")
        self.expect("Stopped")
        self.type("fg\n")
        self.expect("\ndone")
        self.type("echo status:$?\n")
        self.expect("status:5")
        self.assertEqual(self.result()["target"]["exit_status"], 5)

    def test_in_the_background(self):
        """With & it is stopped when it reads from the terminal, as without us."""
        script = self.folder / "command.sh"
        script.write_text("read line\necho got-$line\n")
        self.type(" ".join(self.profile_words("-q", "--", "sh", str(script))) + " &\n")
        self.expect("READY> ")
        for _ in range(PATIENCE_S):
            self.type("jobs\n")
            if "Stopped" in self.expect("READY> "):
                break
            time.sleep(0.2)
        else:
            self.fail("it was not stopped")
        self.type("fg\n")
        time.sleep(0.3)
        self.type("text\n")
        self.expect("got-text")

    def test_interrupt(self):
        self.run_in_shell("trap 'echo interrupted; exit 9' INT", "echo begun", "while :; do sleep 0.05; done")
        self.expect("\nbegun")
        self.type("\x03")
        self.expect("interrupted")
        self.expect("\nstatus:9")
        self.result()

    def test_hang_up(self):
        """The terminal goes away: the command gets its SIGHUP, and what was measured is kept."""
        self.run_in_shell("trap 'echo hung >hung; exit' HUP", "echo begun", "while :; do sleep 0.05; done")
        self.expect("\nbegun")
        time.sleep(0.3)
        os.killpg(self.foreground(), signal.SIGHUP)
        self.expect("READY> ")
        self.assertTrue((self.folder / "hung").exists())
        self.result()

    def foreground(self):
        return struct.unpack("i", fcntl.ioctl(self.leader, termios.TIOCGPGRP, b"\0" * 4))[0]


if __name__ == "__main__":
    sys.exit(unittest.main())
