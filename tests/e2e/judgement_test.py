#!/usr/bin/env python3
"""What comes after a measurement: compare, verify, history, explain, calibrate, and findings joined with what was seen. Nothing here asserts
how long something takes."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import unittest

from tool import PATIENCE_S, TOOL, ToolTest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ASIO_SERVER = os.environ.get("ASIO_SERVER", "")

SLEEPS = "import sys, time\nfrom concurrent.futures import ThreadPoolExecutor\n" \
         "with ThreadPoolExecutor(max_workers=int(sys.argv[1])) as pool:\n    list(pool.map(time.sleep, [0.1] * 8))\n"

ASYNCIO_SERVER = """import asyncio
import sys
import time


def load_profile():
    time.sleep(0.06)


async def handle(reader, writer):
    await reader.readline()
    load_profile()
    writer.write(b"ok\\n")
    await writer.drain()
    writer.close()
    served.append(1)
    if len(served) == int(sys.argv[1]):
        done.set()


async def main():
    global done
    done = asyncio.Event()
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await done.wait()
    server.close()

served = []
asyncio.run(main())
"""


def ask(port, times):
    for _ in range(times):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
            connection.sendall(b"load\n")
            connection.recv(16)


class Judgement(ToolTest):
    """Results and caches of its own: XDG folders in the test's folder."""

    def setUp(self):
        super().setUp()
        self.env = dict(os.environ, XDG_STATE_HOME=str(self.folder / "state"), XDG_CACHE_HOME=str(self.folder / "cache"), PYTHONDONTWRITEBYTECODE="1")

    def tool(self, *words, status=0):
        done = self.run_tool([TOOL, *words], env=self.env)
        self.assertEqual(done.returncode, status, f"{words}: {done.stdout} {done.stderr}")
        return done.stdout.decode()

    def script(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)


class Compare(Judgement):
    def setUp(self):
        super().setUp()
        script = self.script("sleeps.py", SLEEPS)
        for workers in ("1", "8"):
            self.tool("profile", "-q", "--no-html", "-o", workers, "--", sys.executable, script, workers)

    def test_the_advice_names_the_saved_file(self):
        advice = json.loads((self.folder / "1.json").read_text())["advice"]
        self.assertIn("compare 1.json after.json", advice["predictions"][0]["verify"])

    def test_says_what_changed_and_what_was_predicted(self):
        found = json.loads(self.tool("compare", "--format", "json", "1.json", "8"))
        self.assertEqual(found["schema"], "concadvise-compare/1")
        self.assertEqual(found["outcome"], "faster")
        self.assertEqual(found["doubts"], [])
        walls = next(change for change in found["changes"] if change["name"] == "wall")
        self.assertLess(walls["after"], walls["before"])
        self.assertIn(found["prediction"]["model"], ("threads", "async"))
        self.assertIn("predicted", self.tool("compare", "1.json", "8.json"))

    def test_fails_where_it_was_told_to(self):
        self.tool("compare", "1.json", "8.json", "--fail-on", "wall>+5%")
        self.tool("compare", "8.json", "1.json", "--fail-on", "wall>+5%", status=1)
        self.tool("compare", "8.json", "1.json", "--fail-on", "no_such_metric>1", status=2)
        self.tool("compare", "8.json", "no-such-file.json", status=2)

    def test_makes_a_page(self):
        self.tool("compare", "1.json", "8.json", "--format", "html", "-o", "both.html")
        self.assertIn("<html", (self.folder / "both.html").read_text())

    def test_history_has_both(self):
        text = self.tool("history")
        self.assertIn("sleeps.py 1", text)
        self.assertIn("sleeps.py 8", text)
        self.assertNotIn("sleeps.py 8", self.tool("history", "sleeps.py 1"))
        self.assertIn("io-bound/timer", text)
        with open(self.folder / "state" / "concadvise" / "history.jsonl", "a", encoding="utf-8") as file:
            file.write('{"command": "cut sho')
        self.assertEqual(self.tool("history"), text, "a line cut short is left out")


class Verify(Judgement):
    def test_runs_each_setting_and_fits_the_law(self):
        script = self.script("sleeps.py", SLEEPS)
        found = json.loads(self.tool("verify", "--format", "json", "--repeat", "1", "--knob", "WORKERS=1,2,4,8", "--", sys.executable, script, "{WORKERS}"))
        self.assertEqual([row["value"] for row in found["settings"]], ["1", "2", "4", "8"])
        rates = [row["throughput"] for row in found["settings"]]
        self.assertGreater(rates[3], rates[0])
        self.assertGreaterEqual(found["law"]["sigma"], 0)
        self.assertGreater(found["pays_up_to"], 1)

    def test_a_pool_against_a_server_that_serves_four_at_a_time(self):
        folder = ROOT / "bench" / "accuracy"
        server = self.start([sys.executable, str(folder / "server.py"), "4"], stdout=subprocess.PIPE)
        self.env["PORT"] = server.stdout.readline().decode().strip()
        found = json.loads(self.tool("verify", "--format", "json", "--repeat", "1", "--knob", "WORKERS=1,2,4,16", "--throughput", "([0-9.]+) requests/s", "--",
                                     sys.executable, str(folder / "pool.py"), "{WORKERS}"))
        rates = {row["value"]: row["throughput"] for row in found["settings"]}
        self.assertGreater(rates["4"], rates["1"], "more workers overlap more waits")
        self.assertLess(rates["16"], 8 * rates["1"], "the server's capacity bounds them")

    def test_takes_throughput_from_the_output_and_settings_from_the_environment(self):
        found = json.loads(self.tool("verify", "--format", "json", "--repeat", "1", "--knob", "N=1,2,3,4", "--throughput", "rate ([0-9]+)", "--", "sh", "-c", "echo rate $((N * 10))"))
        self.assertEqual([row["throughput"] for row in found["settings"]], [10, 20, 30, 40])
        self.assertAlmostEqual(found["law"]["sigma"], 0, places=6)

    def test_without_a_knob_it_repeats(self):
        self.assertIn("as it is", self.tool("verify", "--repeat", "2", "--", "true"))

    def test_wrong_use(self):
        self.tool("verify", status=2)
        self.tool("verify", "--knob", "N", "--", "true", status=2)
        self.tool("verify", "--throughput", "(", "--", "true", status=2)
        self.tool("verify", "--", "no-such-program-here", status=127)
        self.tool("verify", "--repeat", "1", "--knob", "N=1,2,3", "--", "false", status=125)
        self.tool("verify", "--repeat", "1", "--throughput", "x=([0-9]+)", "--", "echo", "y=1", status=125)


class Explain(Judgement):
    def test_every_topic_that_it_lists(self):
        topics = [line.split()[0] for line in self.tool("explain").splitlines() if line.startswith("  ")]
        self.assertGreater(len(topics), 80)
        for name in topics[::7] + ["io-bound", "parallel", "loop-waits", "synchronous-pieces", "handing_over", "flowchart"]:
            self.assertGreater(len(self.tool("explain", name)), 60, name)

    def test_the_chart_in_each_format(self):
        self.assertIn("flowchart", self.tool("explain", "flowchart", "--format", "mermaid"))
        self.assertIn("<svg", self.tool("explain", "flowchart", "--format", "svg"))
        self.assertIn("Is it idle", self.tool("explain", "flowchart"))

    def test_a_typo_gets_the_nearest_name(self):
        done = self.run_tool([TOOL, "explain", "io-bund"], env=self.env)
        self.assertEqual(done.returncode, 2)
        self.assertIn("io-bound", done.stderr)


class Calibrate(Judgement):
    def test_measures_once_and_keeps_it(self):
        text = self.tool("calibrate")
        self.assertIn("thread", text)
        files = list((self.folder / "cache" / "concadvise").glob("costs-*.toml"))
        self.assertEqual(len(files), 1)
        self.assertIn("native_thread_s", files[0].read_text())


class Thresholds(Judgement):
    def test_a_moved_border_moves_the_advice_and_is_said(self):
        script = self.script("sleeps.py", SLEEPS)
        (self.folder / ".concadvise.toml").write_text("[thresholds]\noverlapped = 100\n")
        self.tool("profile", "-q", "--no-html", "--", sys.executable, script, "8")
        advice = json.loads((self.folder / "concadvise.json").read_text())["advice"]
        self.assertNotEqual(advice["model"], "keep")
        self.assertIn("overlapped", advice["summary"])
        self.assertTrue(any("moved" in step["source"] for step in advice["path"] if step["node"] == "overlapped"))


class Join(Judgement):
    """A blocking call planted in a server, found in the source and seen at run time."""

    def serve(self, command, options=()):
        """Profiles the server while two clients ask it."""
        process = self.start([TOOL, "profile", *options, "-q", "-o", "served", "--", *command, "16"], stdout=subprocess.PIPE, env=self.env)
        port = int(process.stdout.readline())
        clients = [threading.Thread(target=ask, args=(port, 8)) for _ in range(2)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(PATIENCE_S)
        self.assertEqual(process.wait(PATIENCE_S), 0)

    def check(self, rule, line, lint_words):
        self.tool("lint", "--fail-on", "never", "--format", "json", "-o", "lint.json", *lint_words)
        found = json.loads((self.folder / "lint.json").read_text())["findings"]
        self.assertIn((rule, line), [(one["rule"], one["line"]) for one in found])
        session = json.loads((self.folder / "served.json").read_text())
        self.assertEqual(session["advice"]["model"], "unblock-loop", session["advice"]["summary"])
        markdown = self.tool("report", "served.json", "lint.json", "--format", "markdown")
        self.assertIn(rule, markdown)
        self.assertRegex(markdown, r"Seen while it ran: 1[0-9] times, [01]\.[0-9]+ s in all")
        page = self.tool("report", "served.json", "lint.json", "-o", "joined.html")
        self.assertEqual(page, "")
        self.assertIn(rule, (self.folder / "joined.html").read_text())

    def test_asyncio(self):
        script = self.script("server.py", ASYNCIO_SERVER)
        self.serve([sys.executable, script])
        self.check("blocking-in-coroutine", 12, [script])

    @unittest.skipUnless(ASIO_SERVER, "Asio's headers are not installed")
    @unittest.skipUnless(os.environ.get("LINTS_CPP") == "1", "built without the C++ front end")
    def test_asio(self):
        self.serve([ASIO_SERVER])
        self.check("blocking-in-coroutine", 19, [str(HERE / "asio_server.cpp"), "--", "-std=c++20"])

    def test_profile_joins_at_once(self):
        script = self.script("server.py", ASYNCIO_SERVER)
        self.serve([sys.executable, script], ["--lint", script])
        advice = json.loads((self.folder / "served.json").read_text())["advice"]
        joined = [action for action in advice["actions"] if action["title"].startswith("blocking-in-coroutine")]
        self.assertEqual(len(joined), 1)
        self.assertIn("Seen while it ran", joined[0]["why"])
        self.assertIn("blocking-in-coroutine", (self.folder / "served.html").read_text())

    def test_without_a_measurement_it_says_so(self):
        script = self.script("server.py", ASYNCIO_SERVER)
        self.tool("lint", "--fail-on", "never", "--format", "json", "-o", "lint.json", script)
        markdown = self.tool("report", "lint.json", "--format", "markdown")
        self.assertIn("nmeasured", markdown)
        self.assertIn("concadvise profile", markdown)

    def test_findings_that_never_ran_say_so(self):
        script = self.script("server.py", ASYNCIO_SERVER + "\n\nasync def unused():\n    time.sleep(1)\n")
        self.serve([sys.executable, script])
        self.tool("lint", "--fail-on", "never", "--format", "json", "-o", "lint.json", script)
        markdown = self.tool("report", "served.json", "lint.json", "--format", "markdown")
        self.assertIn("Never seen while it was measured", markdown)
        self.assertLess(markdown.index("Seen while it ran"), markdown.index("Never seen while it was measured"), "ranked by measured cost")


if __name__ == "__main__":
    unittest.main()
