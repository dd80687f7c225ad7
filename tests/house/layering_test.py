#!/usr/bin/env python3
"""The check of layers finds what it is for, in a tree planted with one violation of each kind."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import layering

TABLE = """| folder | what it does | what it may know |
|---|---|---|
| `model/` | words | the standard library |
| `rules/` | judges | model |
| `profiler/` | measures | model; no Clang, no rules, no page |
| `analyzer/` | reads | model, rules (knowledge); no perf, no page |
| `cli/` | parses | everything |
| `tests/` `bench/` | what they say | everything |
"""


class PlantedTree(unittest.TestCase):
    def check(self, files):
        """Violations of a tree that holds just these files and the table."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {"ARCHITECTURE.md": TABLE, **files}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return layering.violations(root)

    def assert_one(self, files, part):
        found = self.check(files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(part, found[0])

    def test_what_the_table_allows(self):
        self.assertEqual(self.check({
            "analyzer/a.cpp": '#include "rules/knowledge.h"\n#include <clang/AST/Decl.h>\n#include "analyzer/a.h"\n',
            "cli/main.cpp": '#include "profiler/x.h"\n#include "analyzer/a.h"\n',
            "model/m.h": '#include <vector>\n#include "model/n.h"\n#include <tl/expected.hpp>\n',
            "profiler/p.cpp": "#include <linux/perf_event.h>\n",
            "bench/b.cpp": '#include "rules/judge.h"\n',
        }), [])

    def test_a_room_that_may_not_be_known(self):
        self.assert_one({"profiler/p.cpp": '\n#include "rules/judge.h"\n'}, "profiler/p.cpp:2: profiler/ may not know rules/")
        self.assert_one({"rules/r.h": '#include "analyzer/facts.h"\n'}, "rules/ may not know analyzer/")
        self.assert_one({"analyzer/a.cpp": '  # include "cli/x.h"\n'}, "analyzer/ may not know cli/")

    def test_a_library_that_may_not_be_known(self):
        self.assert_one({"profiler/p.cpp": "#include <clang/AST/Decl.h>\n"}, "may not include <clang/AST/Decl.h>")
        self.assert_one({"analyzer/a.cpp": "#include <linux/perf_event.h>\n"}, "may not include <linux/perf_event.h>")
        self.assert_one({"model/m.h": "#include <nlohmann/json.hpp>\n"}, "standard library only")

    def test_a_way_around_the_root(self):
        self.assert_one({"profiler/p.cpp": '#include "../model/state.h"\n'}, "from the source root")

    def test_a_path_of_a_machine(self):
        self.assert_one({"docs/x.md": "see /" + "home/ann/x\n"}, "docs/x.md:1: names a machine's path")
        self.assertEqual(self.check({"docs/x.md": "GET /users/home/profile, ~/work/x, https://example.org/home/a\n"}), [])

    def test_a_folder_without_a_row(self):
        self.assert_one({"helpers/CMakeLists.txt": "\n"}, "helpers/: is built but not")

    def test_no_table(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(ValueError):
            (pathlib.Path(folder) / "ARCHITECTURE.md").write_text("nothing")
            layering.violations(pathlib.Path(folder))


if __name__ == "__main__":
    unittest.main()
