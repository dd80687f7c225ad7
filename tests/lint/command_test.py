"""The lint command as people use it: configuration, baseline, what changed since a commit, exit codes, SARIF.

Usage: command_test.py CONCADVISE"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

concadvise = sys.argv[1]

SERVICE = """import time


async def main():
    time.sleep(1)


async def other():
    time.sleep(2)
"""


def lint(*arguments, cwd, expect, command="lint"):
    done = subprocess.run([concadvise, command, *map(str, arguments)], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == expect, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def found(*arguments, cwd, expect):
    result = json.loads(lint(*arguments, "--format", "json", cwd=cwd, expect=expect).stdout)
    return [(f["rule"], os.path.basename(f["file"]), f["line"], f["severity"]) for f in result["findings"]]


def check_configuration(folder):
    config = folder / ".concadvise.toml"
    lines = [line for _, _, line, _ in found(".", cwd=folder, expect=1)]
    assert lines == [5, 9], lines

    config.write_text('[thresholds]\n\n[lint]\nfail_on = "never"\n\n[lint.severity]\nblocking-in-coroutine = "note"\n')
    assert [severity for *_, severity in found("service.py", cwd=folder, expect=0)] == ["note", "note"]
    lint("service.py", "--fail-on", "note", cwd=folder, expect=1)  # the command line wins

    config.write_text('[lint]\ndisable = ["blocking-in-coroutine"]\n')
    assert found(".", cwd=folder, expect=0) == []
    assert len(found(".", "--rules", "blocking-in-coroutine", cwd=folder, expect=1)) == 2

    (folder / "copied").mkdir()
    (folder / "copied/again.py").write_text(SERVICE)
    assert len(found(".", "--rules", "blocking-in-coroutine", cwd=folder, expect=1)) == 4
    for pattern in ("copied", "cop*", "*/again.py"):
        config.write_text(f'[lint]\nexclude = ["{pattern}"]\n')
        assert len(found(".", cwd=folder, expect=1)) == 2, pattern
    (folder / "copied/again.py").unlink()

    (folder / "own.toml").write_text('[[effect]]\nnames = ["ours.fetch"]\neffect = "network"\nwhat = "asks the server"\nreplacement = "await ours.afetch"\nsource = "ours"\n')
    (folder / "client.py").write_text("import ours\n\nasync def main():\n    ours.fetch()\n")
    config.write_text("[lint]\n")
    assert found("client.py", cwd=folder, expect=0) == []
    config.write_text('[lint]\nknowledge = ["own.toml"]\n')
    assert [name for name, *_ in found("client.py", cwd=folder, expect=1)] == ["blocking-in-coroutine"]
    (folder / "client.py").unlink()

    for text, line, word in (('[lint]\ndisabel = []\n', 2, "disable"), ('[lint]\n\ndisable = ["sleep-poling"]\n', 3, "sleep-polling"),
                             ('[lint]\nextended = "yes"\n', 2, "extended"), ("[lint\n", 1, ""), ('[lint.severity]\nsleep-polling = "never"\n', 2, "severity")):
        config.write_text(text)
        message = lint("service.py", cwd=folder, expect=2).stderr
        assert f".concadvise.toml:{line}:" in message and word in message, message
    config.unlink()


def check_baseline(folder):
    lint(".", "--format", "json", "-o", "before.json", cwd=folder, expect=1)
    assert "0 introduced, 2 pre-existing, 0 fixed" in lint(".", "--baseline", "before.json", cwd=folder, expect=0).stderr
    service = folder / "service.py"
    # Lines move, one finding goes, one comes.
    service.write_text("# moved\n\n" + SERVICE.replace("time.sleep(2)", "pass") + "\n\nasync def fresh():\n    time.sleep(3)\n")
    assert "1 introduced, 1 pre-existing, 1 fixed" in lint(".", "--baseline", "before.json", cwd=folder, expect=1).stderr
    assert len(found(".", "--baseline", "before.json", cwd=folder, expect=1)) == 1
    lint(".", "--baseline", "nowhere.json", cwd=folder, expect=2)
    service.write_text(SERVICE)


def check_since(folder):
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", folder]
    for command in (["init", "-q"], ["add", "service.py"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    assert found("service.py", "--diff=HEAD", cwd=folder, expect=0) == []
    (folder / "service.py").write_text(SERVICE.replace("sleep(2)", "sleep(3)"))
    assert [line for _, _, line, _ in found("service.py", "--diff=HEAD", cwd=folder, expect=1)] == [9]
    (folder / "new.py").write_text(SERVICE)
    assert [(file, line) for _, file, line, _ in found(".", "--since", "HEAD", cwd=folder, expect=1)] == [("new.py", 5), ("new.py", 9), ("service.py", 9)]
    lint(".", "--since", "nowhere", cwd=folder, expect=2)
    lint(".", "--since=--output=x", cwd=folder, expect=2)
    (folder / "new.py").unlink()


def check_exit_codes(folder):
    (folder / "clean.py").write_text("print(1)\n")
    lint("clean.py", cwd=folder, expect=0)
    lint("service.py", cwd=folder, expect=1)
    lint("service.py", "--fail-on", "never", cwd=folder, expect=0)
    lint("nowhere.py", cwd=folder, expect=2)
    lint("--no-such-option", cwd=folder, expect=2)
    lint("clean.py", "--rules", "no-such-rule", cwd=folder, expect=2)
    (folder / "broken.py").write_text("def f(:\n    pass\n")
    assert "broken.py" in lint("broken.py", "clean.py", cwd=folder, expect=3).stdout
    lint("broken.py", "service.py", cwd=folder, expect=3)
    # Clang itself crashes on a source in UTF-16.
    (folder / "wide.cpp").write_text("int main() {}\n", encoding="utf-16")
    message = lint("wide.cpp", "--", "-std=c++20", cwd=folder, expect=3).stdout
    assert "UTF-16" in message or "no C++ front end" in message, message
    (folder / "wide.cpp").unlink()


def check_sarif(folder):
    """What the standard's schema requires of what we write (sarif-schema-2.1.0: required members, enumerations, patterns)."""
    log = json.loads(lint("broken.py", "service.py", "--format", "sarif", cwd=folder, expect=3).stdout)
    assert log["version"] == "2.1.0" and log["$schema"].endswith(".json")
    assert set(log) <= {"$schema", "version", "runs", "inlineExternalProperties", "properties"}
    for run in log["runs"]:
        driver = run["tool"]["driver"]
        assert driver["name"] and re.fullmatch(r"https?://.+", driver.get("informationUri", "https://x"))
        rules = [rule["id"] for rule in driver["rules"]]
        assert len(set(rules)) == len(rules)
        for rule in driver["rules"]:
            assert isinstance(rule["shortDescription"]["text"], str)
            assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
        for invocation in run.get("invocations", []):
            assert isinstance(invocation["executionSuccessful"], bool)
            for note in invocation.get("toolExecutionNotifications", []):
                assert note["message"]["text"] and note.get("level", "warning") in ("none", "note", "warning", "error")
        assert run["results"]
        for result in run["results"]:
            assert result["message"]["text"] and result["level"] in ("none", "note", "warning", "error")
            assert result["ruleId"] in rules or "ruleIndex" not in result
            if "ruleIndex" in result:
                assert rules[result["ruleIndex"]] == result["ruleId"]
            for fingerprint in result.get("partialFingerprints", {}).values():
                assert isinstance(fingerprint, str)
            for suppression in result.get("suppressions", []):
                assert suppression["kind"] in ("inSource", "external")
            for location in result["locations"] + result.get("relatedLocations", []):
                physical = location["physicalLocation"]
                assert re.fullmatch(r"[^\s\\]+", physical["artifactLocation"]["uri"])
                region = physical.get("region", {"startLine": 1})
                assert region["startLine"] >= 1 and region.get("startColumn", 1) >= 1


with tempfile.TemporaryDirectory() as scratch:
    folder = pathlib.Path(scratch).resolve()
    os.environ.update(CONCADVISE_CACHE_DIR=str(folder / ".cache"), XDG_CONFIG_HOME=str(folder / ".config"))
    (folder / "service.py").write_text(SERVICE)
    check_configuration(folder)
    check_baseline(folder)
    check_since(folder)
    check_exit_codes(folder)
    check_sarif(folder)
print("ok")
