#!/usr/bin/env python3
"""What a profile tells of Python programs beyond the verdict: where asyncio loops stopped and for whom, who waited meanwhile, what process
pools hand over. Nothing here asserts how long something takes."""
import socket
import sys
import threading
import time
import unittest

from tool import NOBODY, PATIENCE_S, ToolTest, root_only

PYTHON = "/usr/bin/python3"

SERVICE = """import asyncio
import sys
import time


def third():
    time.sleep(0.06)


def second():
    third()


async def slow_answer():
    second()
    return b"slow"


async def report_answer():
    time.sleep(0.05)
    return b"report"


async def heavy_answer():
    total = 0
    for i in range(1_000_000):
        total += i * i
    return str(total).encode()


async def fast_answer():
    await asyncio.sleep(0)
    return b"fast"


async def thread_answer():
    await asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.05)
    return b"thread"

ROUTES = {b"slow": slow_answer, b"report": report_answer, b"heavy": heavy_answer, b"fast": fast_answer, b"thread": thread_answer}


async def handle(reader, writer):
    route = (await reader.readline()).strip()
    writer.write(await asyncio.ensure_future(ROUTES[route]()))
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


class Clients:
    """So many at once, each asking for the routes in turn until the end."""

    def __init__(self, port, routes, count):
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.ask, args=(port, routes, i)) for i in range(count)]
        for thread in self.threads:
            thread.start()

    def ask(self, port, routes, turn):
        while not self.over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
                    connection.sendall(routes[turn % len(routes)] + b"\n")
                    while connection.recv(64):
                        pass
            except OSError:
                time.sleep(0.01)
            turn += 1

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


class Service(ToolTest):
    def measure(self, routes, clients, user=None):
        script = self.folder / "service.py"
        script.write_text(SERVICE)
        server = self.start([PYTHON, str(script)], user, stdout=-1)
        port = int(server.stdout.readline())
        asking = Clients(port, routes, clients)
        self.addCleanup(asking.end)
        result = self.run_tool(self.profile_words("-p", str(server.pid), options=("--duration", "3", "--no-html")), user)
        self.assertEqual(result.returncode, 0, result.stderr)
        loops = [loop for loop in self.result()["loops"] if loop["tid"] == server.pid]
        self.assertEqual(len(loops), 1)
        return loops[0], result.stderr

    def check_two_routes(self, user):
        loop, text = self.measure([b"slow", b"report", b"fast"], 6, user)
        stops = {stop["chain"][0]["function"]: stop for stop in loop["stops"] if stop["what"] == "clock_nanosleep"}
        self.assertEqual(set(stops), {"slow_answer", "report_answer"}, loop["stops"])
        own = [f"{frame['function']}:{frame['line']}" for frame in stops["slow_answer"]["stack"] if frame["file"].endswith("service.py")]
        self.assertEqual(own[:3], ["third:7", "second:11", "slow_answer:15"])
        for stop in stops.values():
            self.assertRegex(stop["task"], r"^Task-\d+$")
            self.assertGreater(stop["tasks"], 1)
            self.assertRegex(stop["awaited_by"], r"^Task-\d+$")
            self.assertEqual(stop["awaiting_coroutine"], "handle")
            self.assertGreaterEqual(stop["longest_s"], 0.04)  # from the first look that sees it to the last one
            self.assertGreaterEqual(stop["count"], 1)
        # One is served at a time: of six that ask without pause others wait to be read or accepted.
        self.assertGreater(loop["requests_waiting"], 0)
        self.assertLessEqual(loop["requests_waiting_most"], 6)
        for words in ("third (", "service.py:7)", "coroutine slow_answer", "report_answer", "awaited by Task-", "(handle)"):
            self.assertIn(words, " ".join(text.split()))

    def test_tells_two_blocking_routes_apart(self):
        self.check_two_routes(None)

    @root_only
    def test_does_so_for_any_user(self):
        self.check_two_routes(NOBODY)

    def test_a_thread_that_sleeps_for_the_loop_stops_nothing(self):
        loop, _ = self.measure([b"thread", b"fast"], 4)
        self.assertEqual([stop for stop in loop["stops"] if stop["what"] == "clock_nanosleep"], [])

    @root_only
    def test_computing_has_its_coroutine(self):
        loop, text = self.measure([b"heavy"], 3)
        heaviest = next(stop for stop in loop["stops"] if stop["what"] == "computing")
        self.assertEqual(heaviest["chain"][0]["function"], "heavy_answer")
        self.assertGreater(heaviest["longest_s"], 0)
        self.assertIn("of computing", " ".join(text.split()))


POOL = """import concurrent.futures, sys

def length(data):
    return sum(range(2000)) and len(data)

def count(n):
    return sum(i * i for i in range(n))

if __name__ == "__main__":
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        if sys.argv[1] == "large":
            for _ in range(4):
                list(pool.map(length, [bytes([i]) * 4_000_000 for i in range(10)]))
        else:
            list(pool.map(count, [300_000] * 24))
"""


class Pool(ToolTest):
    def measure(self, kind, user=None):
        script = self.folder / "pool.py"
        script.write_text(POOL)
        result = self.profile(PYTHON, str(script), kind, options=("--no-html",), user=user)
        self.assertEqual(result.returncode, 0, result.stderr)
        pools = [pool for pool in self.result()["pools"] if pool["kind"] == "processes"]
        self.assertEqual(len(pools), 1)
        return pools[0], " ".join(result.stderr.split())

    def test_large_arguments_are_counted(self):
        pool, _ = self.measure("large")
        self.assertEqual(pool["size"], 2)
        # 160 MB went to the workers; what they read before they were first seen, or after they were last, is not counted.
        self.assertGreater(pool["to_workers_bytes"], 100e6)
        self.assertLess(pool["to_workers_bytes"], 200e6)
        self.assertGreaterEqual(pool["from_workers_bytes"], 0)
        self.assertLess(pool["from_workers_bytes"], 2e6)

    @root_only
    def test_large_arguments_take_their_time(self):
        pool, text = self.measure("large")
        self.assertGreater(pool["transfer_s"], 0.3 * pool["cpu_s"])
        self.assertIn("hand over at most", text)

    @root_only
    def test_small_arguments_do_not(self):
        pool, text = self.measure("small")
        self.assertLess(pool["to_workers_bytes"], 2e6)
        self.assertLess(pool["transfer_s"], 0.2 * pool["cpu_s"])

    @root_only
    def test_any_user_is_told_the_bytes(self):
        pool, _ = self.measure("large", NOBODY)
        self.assertGreater(pool["to_workers_bytes"], 100e6)


if __name__ == "__main__":
    unittest.main(argv=sys.argv)
