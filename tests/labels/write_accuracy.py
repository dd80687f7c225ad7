#!/usr/bin/env python3
"""write_accuracy.py [--check]: what `lint` says of other people's code, as docs/ACCURACY.md shows it, from the tables here.

findings.tsv   every finding on the code bases of projects.tsv, read by hand: true or false, and why
projects.tsv   the code bases: what was analysed, and what it cost
historic.tsv   fixed bugs: reported before the fix, silent after it
peers.tsv      constructs of other tools' tests, and where we say something else
"""
import collections
import csv
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(HERE, "..", "..", "docs", "ACCURACY.md")
BEGIN = "<!-- lint-cpp: begin, written by tests/labels/write_accuracy.py -->"
END = "<!-- lint-cpp: end -->"


def rows(name):
    with open(os.path.join(HERE, name), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def share(findings):
    right = sum(one["verdict"] == "true" for one in findings)
    return f"{right} of {len(findings)}" + (f" ({100 * right / len(findings):.0f} %)" if findings else "")


def table(head, lines):
    out = ["| " + " | ".join(head) + " |", "|" + "|".join("---" for _ in head) + "|"]
    return out + ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def section():
    findings, projects = rows("findings.tsv"), rows("projects.tsv")
    by = collections.defaultdict(list)
    for one in findings:
        by["project", one["project"]].append(one)
        by["rule", one["rule"]].append(one)
        by["severity", one["severity"]].append(one)
    out = [BEGIN, "## Findings of `lint` in C and C++", "",
           "Every finding on the code bases below was read and labelled by hand: true when the code does what the message says at that place "
           "and it matters there, false otherwise; doubtful ones count as false. The labels with their reasons are in tests/labels/findings.tsv. "
           "Default rules, findings of the project's own files. The rules were improved while these code bases were read, so this is the "
           "share on code seen before, not an estimate for yours. Two thirds of the errors have two causes: opening files in two related "
           "libraries, and one future in i2pd. `rules` names the commit whose rules were run.", "",
           f"Right: {share(findings)}; of severity error {share(by['severity', 'error'])}, warning {share(by['severity', 'warning'])}, "
           f"note {share(by['severity', 'note'])}.", ""]
    out += table(["code base", "commit", "analysed", "sources", "not fully parsed", "seconds", "MB", "rules", "findings right"],
                 [[p["project"], p["commit"], p["what"], p["units"], p["failures"], p["seconds"], p["megabytes"], p["rules"], share(by["project", p["project"]])]
                  for p in projects])
    out += ["", "Seconds are wall time of a first run with two workers on two cores that do nothing else. MB is the peak of memory. cinatra is a copy of what "
            "yalantinglibs has too: much of what is said of one is said of the other.", ""]
    rules = sorted({one["rule"] for one in findings})
    out += table(["rule", "findings right"], [[rule, share(by["rule", rule])] for rule in rules])
    wrong = [one for one in findings if one["verdict"] != "true"]
    if wrong:
        out += ["", "What is wrong:", ""]
        out += [f"- {one['project']} {one['place']} ({one['rule']}): {one['reason']}" for one in wrong]
    historic = rows("historic.tsv")
    both = sum(one["before"] == "found" and one["after"] == "silent" for one in historic)
    out += ["", "### Bugs that were fixed", "",
            f"Of {len(historic)} places where public projects had blocked their loop or waited under a lock and mended it, {both} are reported at the "
            "commit before the fix and silent after it. Analysed: the files named, with those that they need for the chain.", ""]
    out += table(["project", "fix", "what was wrong", "reported at", "rule", "before", "after"],
                 [[h["project"], h["fix"], h["what"], h["place"], h["rule"], h["before"], h["after"]] for h in historic])
    out += ["", "### Other tools' tests", "",
            "The constructs in the tests of Clang-Tidy's coroutine and lock checks, of the Clang analyzer's blocking-in-critical-section checker "
            "and of Clang's function effects, written anew and linted.", ""]
    out += table(["check", "construct", "it says", "we say", "why"],
                 [[p["check"], p["construct"], p["they"], p["we"], p["why"]] for p in rows("peers.tsv")])
    return "\n".join(out + [END])


def main():
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0:
        changed = page.rstrip("\n") + "\n\n" + section() + "\n"
    else:
        changed = page[:begin] + section() + page[end + len(END):]
    if "--check" in sys.argv[1:]:
        sys.exit("docs/ACCURACY.md: run tests/labels/write_accuracy.py" if changed != page else 0)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(changed)


if __name__ == "__main__":
    main()
