#!/usr/bin/env python3
"""The tree checks itself against the rules of CONTRIBUTING.md; prints what is wrong and why.

Run by hand: tests/tidy/tidy.py
"""

import pathlib
import sys

sys.dont_write_bytecode = True

import cpp_checks
import text_checks
import tree_checks
from allowed import ALLOWED
from tree import Problem, Tree


def find_problems(tree, allowed):
    problems = []
    used = set()
    for check in text_checks.CHECKS + cpp_checks.CHECKS + tree_checks.CHECKS:
        for problem in check(tree):
            excuses = [key for key in allowed
                       if problem.path == key[0] and problem.text.startswith(key[1])]
            used.update(excuses)
            if not excuses:
                problems.append(problem)
    for path, text in allowed.keys() - used:
        problems.append(Problem("tests/tidy/allowed.py", 0,
                                f"({path}, {text}) is not needed any more: delete it"))
    return sorted(problems)


def show(problem):
    where = f"{problem.path}:{problem.line}" if problem.line else problem.path
    return f"{where}: {problem.text}"


def main():
    tree = Tree.read(pathlib.Path(__file__).resolve().parents[2])
    for problem in cpp_checks.long_sources(tree):
        print("note:", show(problem))
    problems = find_problems(tree, ALLOWED)
    for problem in problems:
        print(show(problem))
    print(f"{len(tree.files)} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
