"""claims.py finds what is wrong: a missing id, a doubled one, and a name that does not exist."""
import os
import shutil
import sys
import tempfile
import unittest

import claims

ROOT = sys.argv.pop()


class Claims(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.root)
        for folder in ("docs", "rules", "tests", "model"):
            shutil.copytree(os.path.join(ROOT, folder), os.path.join(self.root, folder), ignore=shutil.ignore_patterns("node_modules", "golden", "corpus"))
        os.makedirs(os.path.join(self.root, "analyzer", "checks"))
        shutil.copy(os.path.join(ROOT, "analyzer", "checks", "registry.cpp"), os.path.join(self.root, "analyzer", "checks"))

    def complaints_after(self, before, after):
        path = os.path.join(self.root, "docs", "CLAIMS.md")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(before, text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(before, after, 1))
        return claims.complaints(self.root)

    def test_missing(self):
        self.assertIn("A01: missing", self.complaints_after("| A01 |", "| a01 |"))

    def test_twice(self):
        self.assertIn("A01: twice", self.complaints_after("| A02 |", "| A01 |"))

    def test_unknown_name(self):
        self.assertIn("A01: there is no node 'wading'", self.complaints_after("`node:waiting`", "`node:wading`"))


if __name__ == "__main__":
    unittest.main()
