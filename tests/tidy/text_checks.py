"""Checks of any text file: its lines, its first line, its links."""

import os
import re

from tree import Problem

COLUMNS_MAX = 100

COPYRIGHT = re.compile(r"// Copyright 20\d\d The libctdbapi Authors\. "
                       r"SPDX-License-Identifier: Apache-2\.0|"
                       r"# Copyright 20\d\d The libctdbapi Authors\. "
                       r"SPDX-License-Identifier: Apache-2\.0")

# Split so that this file does not find itself.
NOTE_TO_SELF = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$})*-])/(home|root|work)/")


def check_lines(tree):
    for path in tree.paths(r".*"):
        for number, line in enumerate(tree.lines(path), 1):
            for text in line_problems(path, line):
                yield Problem(path, number, text)


def line_problems(path, line):
    # A table row and a link cannot be broken.
    breakable = not (path.endswith(".md") and (line.startswith("|") or "](" in line))
    if len(line) > COLUMNS_MAX and breakable and "https://" not in line:
        yield f"{len(line)} columns: break the line, {COLUMNS_MAX} fit in a side-by-side review"
    if line.endswith("\r"):
        yield "carriage return: lines end with a newline only"
    elif line != line.rstrip():
        yield "blanks at the end of the line: delete them"
    if any(ord(c) < 0x20 or ord(c) == 0x7f for c in line.rstrip("\r")):
        yield "tab or control character: indent with blanks, write others as an escape"
    if NOTE_TO_SELF.search(line):
        yield "note to self: do it, or describe the gap where users read about it"
    if MACHINE_PATH.search(line):
        yield "path of somebody's machine: take it from an argument, or from $TEST_TMPDIR in tests"


def check_ends(tree):
    for path, text in tree.files.items():
        if text and not text.endswith("\n"):
            yield Problem(path, 0, "the last line has no newline")
        elif text.endswith("\n\n"):
            yield Problem(path, 0, "blank lines at the end: delete them")


def check_copyright(tree):
    for path in tree.paths(r".*\.(h|cc|c|capnp)"):
        if not COPYRIGHT.fullmatch(tree.lines(path)[0]):
            yield Problem(path, 1, "the first line is not the copyright line: copy the one of "
                                   "lib/base/ids.h")


def check_markdown(tree):
    for path in tree.paths(r".*\.md"):
        prose = without_code_blocks(tree.files[path])
        if prose is None:
            yield Problem(path, 0, "a ``` block is not closed")
            continue
        titles = re.findall(r"^# .*", prose, re.MULTILINE)
        if len(titles) != 1 or not prose.startswith("# "):
            yield Problem(path, 1, f"{len(titles)} titles: a page begins with its one \"# Title\"")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", prose):
            linked = os.path.normpath(os.path.join(os.path.dirname(path), target))
            is_folder = any(other.startswith(linked + "/") for other in tree.files)
            if linked not in tree.files and not is_folder:
                yield Problem(path, 0, f"link to {target}: there is no {linked}")


def without_code_blocks(text):
    parts = re.split(r"^```.*$", text, flags=re.MULTILINE)
    return "".join(parts[::2]) if len(parts) % 2 else None


CHECKS = [check_lines, check_ends, check_copyright, check_markdown]
