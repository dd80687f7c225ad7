"""Which files a report quotes: sources of the project that the working folder belongs to, and nothing else of the machine.

A result file can come from elsewhere, and the page made from it is shared.
"""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = os.environ["CONCADVISE"]


class SourcesAtHand(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.outside = Path(folder.name).resolve()
        self.project = self.outside / "project"
        (self.project / ".git").mkdir(parents=True)
        (self.project / "src").mkdir()
        (self.project / "src/good.py").write_text("first\nquoted_line\nlast\n")
        (self.project / "notes.txt").write_text("secret_note\n" * 3)
        (self.outside / "secret.py").write_text("secret_source\n" * 3)
        (self.project / "src/link.py").symlink_to(self.outside / "secret.py")

    def page(self, *files):
        findings = [{"rule": "sleep-in-loop", "file": str(name), "line": 2, "message": "m", "fingerprint": str(i)} for i, name in enumerate(files)]
        result = {"schema": "concadvise-lint/1", "findings": findings, "sources": {"analyzed": len(files), "failed": []}}
        (self.project / "lint.json").write_text(json.dumps(result))
        subprocess.run([TOOL, "report", "../lint.json", "-o", "../page.html"], cwd=self.project / "src", check=True, stderr=subprocess.DEVNULL)
        return (self.project / "page.html").read_text()

    def test_sources_of_the_project_are_quoted(self):
        for name in ("good.py", "src/good.py", self.project / "src/good.py"):
            self.assertIn("quoted_line", self.page(name), name)

    def test_nothing_else_is(self):
        for name in ("../../secret.py", self.outside / "secret.py", "link.py", "../notes.txt", "/etc/hostname", "missing.py"):
            page = self.page(name)
            self.assertNotIn("secret_", page, name)
            self.assertNotIn('class="source"', page, name)


if __name__ == "__main__":
    unittest.main()
