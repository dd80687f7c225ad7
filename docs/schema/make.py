#!/usr/bin/env python3
"""make.py [--check]: writes the JSON Schemas of this folder from the headers of model/, which are the contract.

The keys are those that model/json.cpp lists, types and descriptions those of the members in model/*.h. --check changes
nothing and exits with 1 when the files differ from what the headers say.
"""
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HEADERS = ["state.h", "profile.h", "advice.h", "finding.h"]
WORDS = {  # members with few values; the header's comment tells them in words
    "Measurement.level": ["procfs", "perf", "sched"],
    "Rung.level": ["procfs", "perf", "perf counters", "perf switches", "sched"],
    "Frame.kind": ["native", "python", "kernel"],
    "Step.answer": ["yes", "no", "not-enough-data"],
    "Verdict.class": ["cpu-bound", "io-bound", "lock-bound", "oversubscribed", "idle", "mixed", "insufficient-data"],
    "Advice.model": ["async", "threads", "parallel", "async+parallel", "synchronous", "unblock-loop", "reduce-contention", "reduce-threads", "keep"],
    "Finding.severity": ["error", "warning", "note"],
    "Action.effort": ["", "small", "medium", "large"],
}
SHARES = {"confidence", "share", "lost", "gain", "stacks_truncated", "symbols_resolved"}
NUMBERS = {"double": {"type": "number"}, "int": {"type": "integer"}, "bool": {"type": "boolean"},
           "std::string": {"type": "string"}, "std::uint64_t": {"type": "integer", "minimum": 0}}


def structures():
    """{structure: (its comment, {member: (type, comment)})} of the headers."""
    out = {}
    for header in HEADERS:
        text = (ROOT / "model" / header).read_text()
        for comment, name, body in re.findall(r"((?:^/// [^\n]*\n)*)^struct (\w+) \{\n(.*?)^\};", text, re.M | re.S):
            members = {}
            for line in body.splitlines():
                found = re.match(r"  ([\w:<>]+) (\w+)(?: = [^;]+)?;(?:\s*// (.*))?$", line)
                if found:
                    members[found[2]] = (found[1], found[3] or "")
            out[name] = (" ".join(line[4:] for line in comment.splitlines()), members)
    return out


def states():
    return re.findall(r'"(\w+)"', re.search(r"kNames = \{(.*?)\};", (ROOT / "model/state.cpp").read_text(), re.S)[1])


def listed():
    """{structure: keys}, as the JSON has them."""
    source = (ROOT / "model/json.cpp").read_text()
    out = {name: re.split(r",\s*", keys) for name, keys in re.findall(r"^CONCADVISE_JSON\((\w+), ([^)]*)\)", source, re.M)}
    out["Verdict"] = re.findall(r'\{"(\w+)", \[\]\(Verdict&', source)
    return out


def schema_of(kind):
    if kind.startswith("std::vector<"):
        return {"type": "array", "items": schema_of(kind[len("std::vector<"):-1])}
    return dict(NUMBERS[kind]) if kind in NUMBERS else {"$ref": f"#/$defs/{kind}"}


def definitions(root):
    """The schema of `root` and of everything below it."""
    known, keys = structures(), listed()
    out = {}

    def add(name):
        if name in out:
            return
        out[name] = {}
        if name == "State":
            out[name] = {"description": "What a thread does at an instant, or what it waits for.", "enum": states()}
        elif name == "StateTimes":
            out[name] = {"description": "One number for each state: seconds or shares, as the member says.", "type": "object",
                         "properties": {state: {"type": "number", "minimum": 0} for state in states()}}
        elif name == "Interval":
            out[name] = {"description": known[name][0], "type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        else:
            comment, members = known[name]
            out[name] = {**({"description": comment} if comment else {}), "type": "object", "properties": {key: member(name, key, members) for key in keys[name]}}

    def member(name, key, members):
        kind, comment = members["klass" if key == "class" else key]
        made = schema_of(kind)
        if f"{name}.{key}" in WORDS:
            made = {"enum": WORDS[f"{name}.{key}"]}
        elif kind == "double" and key in SHARES:
            made = {"type": "number", "minimum": 0, "maximum": 1}
        for inner in re.findall(r"\w+", kind):
            if inner in known or inner in ("State", "StateTimes"):
                add(inner)
        comment = re.sub(r"^JSON key `class`: ", "", comment)
        return {"description": comment, **made} if comment else made

    add(root)
    return out


def document(name, title, root, required, more):
    """The whole schema: `root`'s members and those of `more`, {key: structure}."""
    defs = definitions(root)
    for structure in more.values():
        defs.update(definitions(structure))
    top = defs.pop(root)
    top["properties"]["schema"] = {"const": name}
    for key, structure in more.items():
        top["properties"][key] = {"$ref": f"#/$defs/{structure}"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title,
            "$comment": "Made by docs/schema/make.py. Members may be added under the same name; readers skip what they do not know.",
            **top, "required": required, "$defs": dict(sorted(defs.items()))}


def all_schemas():
    return {
        "concadvise-profile-1.schema.json": document("concadvise-profile/1", "concadvise.json: a measurement with its judgement", "Profile",
                                                     ["schema", "tool", "target", "measurement", "shares"], {"verdict": "Verdict", "advice": "Advice"}),
        "concadvise-lint-1.schema.json": document("concadvise-lint/1", "What `concadvise lint --format json` found", "LintResult", ["schema", "findings", "sources"], {}),
    }


def main():
    stale = False
    for name, schema in all_schemas().items():
        text = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
        file = HERE / name
        if sys.argv[1:] == ["--check"]:
            if not file.exists() or file.read_text() != text:
                stale = True
                print(f"{file}: not what the headers say; run docs/schema/make.py")
        else:
            file.write_text(text)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
