#!/usr/bin/env python3
"""What is typed: whatever is wrong with it, the message names it and the next step, and nothing is run or written."""
import json
import os
import pathlib
import sys
import tomllib
import unittest

from tool import TOOL, ToolTest


class Profile(ToolTest):
    def refused(self, *words, says, command=("touch", "ran")):
        done = self.run_tool([TOOL, "profile", *words, *command])
        self.assertEqual(done.returncode, 125, words)
        self.assertRegex(done.stderr, f"^concadvise: .*{says}", words)
        self.assertRegex(done.stderr, "\n  .+", f"{words}: no next step")
        self.assertLess(len(done.stderr), 400, words)
        self.assertEqual((done.stdout, self.results()), (b"", []), words)

    def test_numbers(self):
        for value in ("-1", "nan", "inf", "1e300", "1e10", "soon", "3s", ""):
            self.refused("--duration", value, says="duration")
        for value in ("0", "-5", "99999999999", "abc", "1.5", "12,13", "", "0x10"):
            self.refused("-p", value, says="pid", command=())
        for value in ("0", "-1", "10001", "many"):
            self.refused("--frequency", value, says="frequency")

    def test_no_duration_is_until_the_end(self):
        done = self.profile("sh", "-c", "sleep 0.2; exit 3", options=("--duration", "0"))
        self.assertEqual(done.returncode, 3)
        self.assertTrue(self.result()["target"]["ended"])

    def test_names(self):
        self.refused("--level", "foo", says="foo.*procfs")
        self.refused("--durration", "3", says="durration")
        done = self.run_tool([TOOL, "profile", "--durration", "3", "true"])
        self.assertIn("--duration", done.stderr.splitlines()[1])

    def test_options_after_the_command_are_its_own(self):
        done = self.profile("echo", "--duration", "3", "-p", "1")
        self.assertEqual(done.stdout, b"--duration 3 -p 1\n")
        done = self.run_tool(self.profile_words("echo", "-q", "--", "--help"))
        self.assertEqual(done.stdout, b"-q -- --help\n")

    def test_nothing_to_do(self):
        for words in ([], ["--"], ["-q"]):
            done = self.run_tool([TOOL, "profile", *words])
            self.assertEqual((done.returncode, done.stdout), (125, b""), words)
            self.assertIn("Usage", done.stderr)

    def test_places_that_hold_no_two_files(self):
        os.mkfifo(self.folder / "pipe")
        for place in ("-", "/dev/stdout", "/dev/stderr", "/dev/null", "/dev/fd/1", "pipe", ""):
            done = self.run_tool([TOOL, "profile", "-o", place, "touch", "ran"])
            self.assertEqual((done.returncode, done.stdout), (125, b""), place)
            self.assertRegex(done.stderr, "^concadvise: -o.*\n  .+", place)
            self.assertEqual(self.results(), ["pipe"], place)

    def test_a_folder(self):
        (self.folder / "folder").mkdir()
        for place in ("folder", "folder/"):
            done = self.run_tool([TOOL, "profile", "-o", place, "true"])
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(sorted(path.name for path in (self.folder / "folder").iterdir()), ["concadvise.html", "concadvise.json"])
            self.assertEqual(self.results(), ["folder"])

    def test_endings(self):
        for place in ("a.json", "a.html", "a"):
            self.run_tool([TOOL, "profile", "-o", place, "true"])
            self.assertEqual(self.results(), ["a.html", "a.json"])


class Hostile(ToolTest):
    """Names are bytes; what is saved is UTF-8, and what is printed has no control characters."""

    ODD = b"odd \xff\xfe\n\t\"'<b>\x1b[31m \xe2\x80\xae$(id)"

    def check(self, done):
        for path in ("out.json", "out.html"):
            text = (self.folder / path).read_bytes().decode("utf-8")  # raises for anything else
            self.assertNotIn("\x1b", text, path)
        self.assertNotIn("\x1b", done.stderr)
        self.assertNotIn("\u202e", done.stderr, "text that turns around")
        return self.result()

    def test_program(self):
        program = os.fsencode(self.folder) + b"/" + self.ODD.replace(b"/", b"")
        pathlib.Path(os.fsdecode(program)).symlink_to("/bin/sleep")
        done = self.run_tool([os.fsencode(word) for word in self.profile_words("--")] + [program, b"0.3"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check(done)
        os.unlink(program)

    def test_program_that_is_not_there(self):
        done = self.run_tool([os.fsencode(word) for word in self.profile_words("--")] + [self.ODD])
        self.assertEqual(done.returncode, 127)
        self.assertNotIn("\x1b", done.stderr)

    def test_arguments(self):
        done = self.run_tool([os.fsencode(word) for word in self.profile_words("--", "echo")] + [self.ODD, b"", b"\xc3"])
        self.assertEqual(done.stdout, self.ODD + b"  \xc3\n")
        self.assertEqual(self.check(done)["target"]["command"][0], "echo")

    def test_thread_names(self):
        code = ("import ctypes, threading, time\n"
                "def work():\n ctypes.CDLL(None).prctl(15, bytes([255, 10, 27, 34, 60, 98, 62]), 0, 0, 0); time.sleep(0.5)\n"
                "threads = [threading.Thread(target=work) for _ in range(3)]\n[t.start() for t in threads]; [t.join() for t in threads]")
        done = self.profile(sys.executable, "-c", code)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check(done)

    def test_output_name(self):
        name = os.fsencode(self.folder) + b"/" + self.ODD
        done = self.run_tool([TOOL.encode(), b"profile", b"-o", name, b"true"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(os.path.exists(name + b".json"))
        self.assertNotIn("\x1b", done.stderr)


class Others(ToolTest):
    """The subcommands that read what was saved or tell about themselves."""

    def refused(self, *words, says):
        done = self.run_tool([TOOL, *words])
        self.assertIn(done.returncode, (2, 125), words)
        self.assertRegex(done.stderr, f"(?s)^concadvise: .*{says}", words)
        self.assertRegex(done.stderr, "\n  .+", f"{words}: no next step")
        self.assertEqual(done.stdout, b"", words)
        return done

    def test_unknown_words(self):
        for words in (["doctor", "--foo"], ["doctor", "foo"], ["explain", "cpu-bound", "x", "y"], ["compare", "a", "b", "c"], ["report", "--foo", "a"],
                      ["compare", "--form", "x"], ["history", "--foo"], ["explain", "no-such-name"], ["-p", "1"], ["verify", "--foo"]):
            self.refused(*words, says="")

    def test_near_options(self):
        self.assertIn("--format", self.refused("report", "a.json", "--fromat", "html", says="fromat").stderr)
        self.assertIn("cpu-bound", self.refused("explain", "cpu-bond", says="cpu-bond").stderr)

    def test_files(self):
        (self.folder / "text").write_text("text")
        (self.folder / "other.json").write_text('{"a": [1, 2]}')
        (self.folder / "deep.json").write_text("[" * 100_000)
        (self.folder / "wrong.json").write_text('{"schema": "concadvise-profile/1", "threads": 3}')
        (self.folder / "newer.json").write_text('{"schema": "concadvise-profile/99"}')
        (self.folder / "closed.json").touch(mode=0)
        os.mkdir(self.folder / "folder.json")
        for name in ("missing", "text", "other.json", "deep.json", "wrong.json", "newer.json", "folder.json", "/dev/null"):
            for words in (["report", name], ["compare", name, name], ["explain", "flowchart", name]):
                self.refused(*words, says=os.path.basename(name))
        self.assertNotIn("concadvise.html", self.results())

    def test_places(self):
        self.profile("sleep", "0.3")
        for place in ("/no/such/folder/x.html", "/proc/x.html", "."):
            self.refused("report", "out.json", "-o", place, says="written")
        self.refused("report", "out.json", "--format", "xyz", says="xyz")
        self.refused("report", "out.json", "out.json", says="second")
        self.refused("compare", "out.json", "out.json", "--fail-on", "walls>5%", says="walls")
        self.refused("compare", "out.json", "out.json", "--fail-on", "", says="")
        self.refused("compare", "out.json", "out.json", "--format", "xyz", says="xyz")

    def test_a_full_or_closed_standard_output(self):
        self.profile("sleep", "0.3")
        for words in (["report", "out.json", "--format", "json", "-o", "-"], ["doctor"], ["--help"], ["explain"], ["compare", "out.json", "out.json"]):
            with open("/dev/full", "w") as full:
                done = self.run_tool([TOOL, *words], stdout=full)
            self.assertNotEqual(done.returncode, 0, words)
            self.assertIn("standard output", done.stderr, words)

    def test_results_to_standard_output(self):
        self.profile("sleep", "0.3")
        done = self.run_tool([TOOL, "report", "out.json", "--format", "json", "-o", "-"])
        self.assertEqual(json.loads(done.stdout)["schema"], "concadvise-profile/1")
        self.assertEqual(done.stderr, "")

    def shown(self, *options):
        done = self.run_tool([TOOL, "config", "show", *options])
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def test_configuration(self):
        """What is shown is a configuration: the same again when it is read."""
        shipped = self.shown()
        self.assertEqual(tomllib.loads(shipped)["lint"]["fail_on"], "warning")
        (self.folder / ".concadvise.toml").write_text(shipped)
        self.assertEqual(self.shown(), shipped)
        (self.folder / ".concadvise.toml").write_text('[lint]\ndisable = ["sleep-polling"]\n[lint.severity]\n"serial-await" = "error"\n'
                                                      "[thresholds]\ntoo_much_lost = 0.25\n")
        listed = tomllib.loads(self.shown())
        self.assertEqual((listed["lint"]["disable"], listed["lint"]["severity"]["serial-await"], listed["thresholds"]["too_much_lost"]),
                         (["sleep-polling"], "error", 0.25))
        origins = {line.split(" = ")[0]: line.split("# ")[1] for line in self.shown("--origin").splitlines() if "# " in line}
        self.assertIn(".concadvise.toml", origins["too_much_lost"])
        self.assertEqual(origins["fail_on"], "default")
        (self.folder / ".concadvise.toml").write_text("[lint\n")
        self.refused("config", "show", says="concadvise.toml")
        self.refused("config", "hide", says="hide")

    def completed(self, *words):
        """What bash would offer for the last word."""
        script = ('source <("$0" completions bash); concadvise() { "$tool" "$@"; }; tool=$0; COMP_WORDS=(concadvise "$@"); '
                  'COMP_CWORD=$#; _concadvise; printf "%s\\n" "${COMPREPLY[@]}"')
        done = self.run_tool(["bash", "-c", script, TOOL, *words])
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return done.stdout.decode().split()

    def test_completions(self):
        self.assertEqual(self.completed("prof"), ["profile"])
        self.assertIn("lint", self.completed(""))
        self.assertEqual(self.completed("profile", "--dur"), ["--duration"])
        self.assertEqual(self.completed("lint", "--no-ca"), ["--no-cache"])
        self.assertIn("bash", self.completed("profile", "--level", "perf", "--", "bas"))
        self.assertEqual(self.completed("profile", "--", "ls", "--dur"), [], "the words after the command are its own")
        for shell in ("zsh", "fish"):
            self.assertIn("profile", self.run_tool([TOOL, "completions", shell]).stdout.decode())
        self.refused("completions", "tcsh", says="tcsh")


if __name__ == "__main__":
    sys.exit(unittest.main())
