"""facts + link is lint: the same findings, the same bytes in every run, order and folder.

Usage: steps_test.py CONCADVISE CASES"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

concadvise, cases = sys.argv[1], pathlib.Path(sys.argv[2])
flags = ["--", "-std=gnu++20", "-Iinclude"]


def run(*command, cwd, expect=(0, 1, 3)):
    done = subprocess.run([concadvise, *map(str, command)], cwd=cwd, capture_output=True, text=True)
    assert done.returncode in expect, (command, done.returncode, done.stderr)
    return done


def facts(folder, sources, out):
    files = []
    for source in sources:
        target = out / (source.replace("/", "_") + ".facts")
        run("facts", source, "-o", target, "--relative-to", ".", *flags, cwd=folder, expect=(0,))
        files.append(target)
    return files


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch).resolve()
    one, two = scratch / "one", scratch / "elsewhere" / "two"
    shutil.copytree(cases, one)
    shutil.copytree(cases, two)
    (one / "service.py").write_text("import time\n\nasync def main():\n    time.sleep(1)\n")
    shutil.copy(one / "service.py", two)
    sources = ["across__main.cpp", "across__server.cpp", "locks.cpp", "service.py"]

    # The same bytes wherever the sources lie.
    out1, out2 = scratch / "facts1", scratch / "facts2"
    out1.mkdir(), out2.mkdir()
    files1, files2 = facts(one, sources, out1), facts(two, sources, out2)
    for a, b in zip(files1, files2):
        assert a.read_bytes() == b.read_bytes(), f"{a.name} depends on the folder"
        assert str(scratch).encode() not in a.read_bytes(), f"{a.name} names the folder"

    # The same findings in any order and grouping.
    linked = run("link", *files1, "--format", "json", cwd=one, expect=(1,)).stdout
    assert linked == run("link", *reversed(files2), "--format", "json", cwd=two, expect=(1,)).stdout
    (scratch / "list").write_text("\n".join(map(str, files1)))
    assert linked == run("link", f"@{scratch / 'list'}", "--format", "json", cwd=one).stdout
    (scratch / "joined").write_bytes(b"".join(f.read_bytes() for f in files1))
    assert linked == run("link", scratch / "joined", "--format", "json", cwd=one).stdout
    assert '"rule"' in linked

    # And lint finds the same, but for the folder in its paths.
    lint = run("lint", *[one / s for s in sources], "--format", "json", "--no-cache", *flags, cwd=one, expect=(1,)).stdout
    absolute = []
    for source in sources:
        target = scratch / (source + ".absolute")
        run("facts", source, "-o", target, *flags, cwd=one, expect=(0,))
        absolute.append(target)
    assert lint == run("link", *absolute, "--format", "json", cwd=one).stdout

    # A source that does not parse is counted by the link.
    (one / "broken.cpp").write_text("int f( { return 1;\n#include \"nowhere.h\"\n")
    broken = facts(one, ["broken.cpp"], out1)
    assert "broken.cpp" in run("link", *broken, cwd=one, expect=(3,)).stdout

    # Facts go with the knowledge that they were made with.
    (one / "more.toml").write_text('[[effect]]\nnames = ["hold_the_line"]\neffect = "wait"\nsource = "this test"\n')
    with_more = scratch / "with_more.facts"
    run("facts", "locks.cpp", "-o", with_more, "--knowledge", "more.toml", *flags, cwd=one, expect=(0,))
    run("link", with_more, "--knowledge", "more.toml", cwd=one, expect=(0, 1))
    refused = run("link", with_more, cwd=one, expect=(2,)).stderr
    assert "other knowledge" in refused and "locks.cpp" in refused, refused

    # The number of threads changes nothing.
    assert linked == run("link", *files1, "-j", "1", "--format", "json", cwd=one).stdout == run("link", *files1, "-j", "3", "--format", "json", cwd=one).stdout

    # Damage is named.
    files1[0].write_bytes(files1[0].read_bytes()[:-3])
    assert files1[0].name in run("link", *files1, cwd=one, expect=(2,)).stderr
    assert "nowhere.facts" in run("link", "nowhere.facts", cwd=one, expect=(2,)).stderr
print("ok")
