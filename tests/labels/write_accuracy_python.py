#!/usr/bin/env python3
"""write_accuracy_python.py: writes the tables on lint of Python in docs/ACCURACY.md from the labels beside this script.

python.tsv: every finding of `concadvise lint` outside of tests on a commit of a public project, judged by reading the code:
project, commit, file:line, rule, verdict, reason. Verdicts: true; harmless (it does what the finding says, where it delays nobody: a
set-up program, before anything is served); false. python-fixed.tsv: commits that repaired such a thing: project, commit, lines of
the repaired files that lint reported at the commit's parent and no longer at the commit, what was repaired. python-first-sight.tsv: as
python.tsv, of projects that nobody had looked at, judged before anything was mended.
"""
import collections
import csv
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "ACCURACY.md"
BEGIN = "<!-- lint-python: begin, written by tests/labels/write_accuracy_python.py -->"
END = "<!-- lint-python: end -->"


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def share(part, whole):
    return f"{100 * part / whole:.0f} %" if whole else "·"


def precision(name, key, labels):
    counts = collections.defaultdict(collections.Counter)
    for row in labels:
        counts[key(row)][row["verdict"]] += 1
    total = sum(counts.values(), collections.Counter())
    out = [f"| {name} | findings | true | harmless | false | true | true or harmless |", "|---|---:|---:|---:|---:|---:|---:|"]
    for what, count in [*sorted(counts.items()), ("all", total)]:
        every = sum(count.values())
        out.append(f"| {what} | {every} | {count['true']} | {count['harmless']} | {count['false']} | {share(count['true'], every)} | "
                   f"{share(count['true'] + count['harmless'], every)} |")
    return out


def language(path):
    labels = rows(path)
    out = ["Every finding outside of tests, judged by reading the code; the labels with their reasons are in "
           f"tests/labels/{path.name}. Harmless: it does what the finding says, where it delays nobody, such as a prompt of a set-up "
           "program. The rules were improved while this code was read, so this is no estimate for code not seen before.", ""]
    out += precision("project", lambda row: f"{row['project']} at {row['commit']}", labels) + [""]
    out += precision("rule", lambda row: row["rule"], labels) + [""]
    wrong = [row for row in labels if row["verdict"] == "false"]
    if wrong:
        out += ["What is wrong:", ""] + [f"- {row['project']} {row['place']} {row['rule']}: {row['reason']}" for row in wrong] + [""]
    fixed = path.with_name(path.stem + "-fixed.tsv")
    if fixed.exists():
        sites = rows(fixed)
        found = sum(int(row["gone"]) > 0 for row in sites)
        out += ["### What projects have repaired", "",
                f"{found} of {len(sites)} such commits: found at the parent, silent at the commit.", "",
                "| project | commit | findings gone | what was repaired |", "|---|---|---:|---|"]
        out += [f"| {row['project']} | {row['commit']} | {row['gone']} | {row['what']} |" for row in sites] + [""]
    return out


def first_sight(path):
    labels = rows(path)
    return ["### Projects that nobody had looked at", "",
            f"{len(labels)} findings of three projects (all of the smallest one, a random part of the other two), judged before anything was mended; "
            f"the labels are in tests/labels/{path.name}. What they showed and is mended since: files that are read at the first use in the process "
            "only, by a global that is made when it is missing or behind lru_cache. Of the 244 findings in all, 33 went with that; of the false ones here six.", "",
            *precision("project", lambda row: f"{row['project']} at {row['commit']}", labels), "",
            *precision("rule", lambda row: row["rule"], labels), ""]


def main():
    text = [BEGIN, "## Findings of `lint` in Python", "", *language(HERE / "python.tsv"), *first_sight(HERE / "python-first-sight.tsv")]
    page = PAGE.read_text()
    before, begin, rest = page.partition(BEGIN)
    after = rest.partition(END)[2] if begin else "\n"
    PAGE.write_text(before.rstrip("\n") + "\n\n" + "\n".join(text).rstrip("\n") + "\n" + END + after)


if __name__ == "__main__":
    main()
