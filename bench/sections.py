"""Sections of docs/ACCURACY.md that programs of bench/ write between marks of their own; what stands outside them stays."""
import pathlib

FILE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "ACCURACY.md"
HEAD = "# Accuracy\n\nHow often concadvise is right, on what, and where it is wrong.\n"


def write_section(name, program, lines, file=FILE):
    begin, end = f"<!-- {name}: begin, written by {program} -->", f"<!-- {name}: end -->"
    section = "\n".join([begin, *lines, end])
    text = file.read_text(encoding="utf-8") if file.exists() else HEAD
    if begin in text:
        text = text[:text.index(begin)] + section + text[text.index(end) + len(end):]
    else:
        text = text.rstrip() + "\n\n" + section + "\n"
    file.write_text(text, encoding="utf-8")
