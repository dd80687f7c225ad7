"""What concadvise writes fits the schemas of docs/schema, every member is described there, and what does not fit is refused.

CONCADVISE is the program, SAMPLES a program that writes sample sessions, SCHEMAS the folder of the schemas. Exit status 77
where the validator (Debian: python3-jsonschema) is missing.
"""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("SKIPPED: no jsonschema here (apt-get install python3-jsonschema)")
    sys.exit(77)

SCHEMAS = pathlib.Path(os.environ["SCHEMAS"])


def schema(name):
    return json.loads((SCHEMAS / f"concadvise-{name}-1.schema.json").read_text())


def strict(node):
    """The same, but nothing may be missing and nothing beside what is described: what this version writes is just that."""
    if isinstance(node, dict):
        node = {key: strict(value) for key, value in node.items()}
        if "properties" in node and node.get("type") == "object":
            node["additionalProperties"] = False
            node["required"] = sorted(node["properties"])
    return node


class Schemas(unittest.TestCase):
    def assert_fits(self, name, result):
        for rules in (schema(name), strict(schema(name))):
            errors = [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in Draft202012Validator(rules).iter_errors(result)]
            self.assertEqual(errors[:5], [])

    def tool(self, *arguments, fine=(0,)):
        done = subprocess.run([os.environ["CONCADVISE"], *map(str, arguments)], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertIn(done.returncode, fine, done.stderr)

    def read(self, name):
        return json.loads((self.folder / name).read_text())

    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name)

    def test_are_schemas(self):
        for name in ("profile", "lint"):
            Draft202012Validator.check_schema(schema(name))

    def test_measurement(self):
        script = self.folder / "waits.py"
        script.write_text("import threading, time\nfor _ in range(2):\n    thread = threading.Thread(target=time.sleep, args=(0.2,))\n    thread.start()\n    thread.join()\n")
        self.tool("profile", "-q", "--no-html", "-o", "measured", "--", "python3", script)
        self.assert_fits("profile", self.read("measured.json"))

    def test_findings(self):
        (self.folder / "server.py").write_text("import time\n\n\nasync def answer():\n    time.sleep(1)\n")
        (self.folder / "broken.py").write_text("def (:\n")
        self.tool("lint", "--format", "json", "-o", "found.json", "server.py", "broken.py", fine=(1, 3))
        result = self.read("found.json")
        self.assertTrue(result["findings"])
        self.assert_fits("lint", result)

    def test_samples(self):
        subprocess.run([os.environ["SAMPLES"], self.folder], check=True)
        for name in ("server", "python", "healthy", "mixed", "short"):
            self.assert_fits("profile", self.read(f"{name}.json"))
        self.assert_fits("lint", self.read("lint.json"))

    def test_refuse(self):
        subprocess.run([os.environ["SAMPLES"], self.folder], check=True)
        whole = self.read("server.json")
        fits = Draft202012Validator(schema("profile")).is_valid
        self.assertTrue(fits(whole))

        def damaged(change):
            copied = copy.deepcopy(whole)
            change(copied)
            return copied

        self.assertFalse(fits(damaged(lambda it: it.update(schema="concadvise-profile/2"))))
        self.assertFalse(fits(damaged(lambda it: it["shares"].update(timer="all"))))
        self.assertFalse(fits(damaged(lambda it: it["threads"][0].update(tid=1.5))))
        self.assertFalse(fits(damaged(lambda it: it["hot_spots"][0].update(state="asleep"))))
        self.assertFalse(fits(damaged(lambda it: it["verdict"].update(confidence=1.2))))
        self.assertFalse(fits(damaged(lambda it: it["advice"]["predictions"][0].update(wall_s=[1]))))
        self.assertFalse(fits(damaged(lambda it: it.pop("measurement"))))


if __name__ == "__main__":
    unittest.main()
