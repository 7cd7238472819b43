"""The files of the source tree, and what is wrong with them, as values that checks work on."""

import collections
import os
import re

# `line` is 0 for what concerns the whole file.
Problem = collections.namedtuple("Problem", "path line text")

# Made by the build or by editors; the same as in .gitignore.
NOT_SOURCE = re.compile(r"(^|/)(\.git|bazel-[^/]*|user\.bazelrc|__pycache__|[^/]*\.swp)$")

# Input that must stay as it is, byte for byte.
FOREIGN = re.compile(r"/(corpus|testdata)/")


class Tree:
    """`files`: path below the root -> contents as text."""

    def __init__(self, files):
        self.files = files

    @staticmethod
    def read(root):
        files = {}
        for folder, folders, names in os.walk(root):
            below = os.path.relpath(folder, root)
            join = lambda name: name if below == "." else f"{below}/{name}"
            folders[:] = sorted(f for f in folders if not NOT_SOURCE.search(join(f)))
            for name in sorted(names):
                path = join(name)
                if not NOT_SOURCE.search(path) and not FOREIGN.search(path):
                    with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
                        files[path] = file.read()
        return Tree(files)

    def paths(self, pattern):
        """Paths that match the whole of a regular expression, in order."""
        return sorted(path for path in self.files if re.fullmatch(pattern, path))

    def lines(self, path):
        return self.files[path].split("\n")
