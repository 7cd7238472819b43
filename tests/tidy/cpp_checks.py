"""Checks of C++ files: sizes, headers, and what pure packages may not name."""

import re

from cpp_text import code_only, functions
from tree import Problem

FUNCTION_LINES_MAX = 70
HEADER_LINES_MAX = 300
SOURCE_LINES_MAX = 800
SOURCE_LINES_GOAL = 400

CONTRACT = ("Ownership", "Threading", "Errors", "Blocking", "Limits")

# Everything of lib/ that is not in an io/ or services/ folder and not a program. lib/client is the
# way in from outside: it owns an event loop.
PURE = r"lib/(?!client/)[^/]+/[^/]+(?<!_main)\.(h|cc)"
# Pure, and without Cap'n Proto.
TEXT_ONLY = r"lib/(config|logging|daemon)/[^/]+\.(h|cc)"

BANNED_NAMES = [
    (r"_clock::now|\bgettimeofday|\bclock_gettime|\btime\((nullptr|NULL|0)\)",
     "reads a clock: take `Instant now` as an argument (lib/base/instant.h)"),
    (r"\babsl::Now\b", "reads the wall clock: take `absl::Time` as an argument, `Instant` where "
                       "it is about waiting"),
    (r"\bgetenv\b", "reads the environment: take the value as an argument; "
                    "lib/config/io/environment.h reads it"),
    (r"\bs?rand\(|\brandom_device\b|\bmt19937",
     "makes its own random numbers: take a `Random&` or a seed (lib/base/random.h)"),
    (r"\b(u|nano)?sleep\(|\bsleep_(for|until)\b|\bSleepFor\b",
     "sleeps: return a deadline and let the driver wait"),
    (r"\bFILE\s*\*|\bfopen\(|\bi?o?fstream\b", "opens a file: io/ does that, pure code gets text"),
    (r"\bstd::unordered_", "order differs between runs: std::map or a sorted vector where order "
                           "reaches an output, absl::flat_hash_map otherwise"),
]

BANNED_INCLUDES = [
    (PURE, r"kj/async|capnp/(rpc|ez-rpc|capability)", "an event loop or RPC: belongs in io/"),
    (PURE, r"lib/[^/]+/(io|services)/", "pure code cannot use io/: take a callback or a value"),
    (PURE, r"sys/(socket|epoll|stat)\.h|unistd\.h|fcntl\.h|fstream|iostream|filesystem",
     "input and output: belongs in io/"),
    (TEXT_ONLY, r"(kj|capnp)/", "this module does not know Cap'n Proto"),
]


def check_sizes(tree):
    for path in tree.paths(r".*\.(h|cc)"):
        limit = HEADER_LINES_MAX if path.endswith(".h") else SOURCE_LINES_MAX
        count = tree.files[path].count("\n")
        if count > limit:
            yield Problem(path, 0, f"{count} lines, at most {limit}: there is a second idea in it")
        for first, length in functions(tree.files[path]):
            if length > FUNCTION_LINES_MAX:
                yield Problem(path, first, f"function of {length} lines, at most "
                                           f"{FUNCTION_LINES_MAX}: it does not fit a screen")


def long_sources(tree):
    """Not wrong yet: sources beyond the goal."""
    for path in tree.paths(r".*\.cc"):
        count = tree.files[path].count("\n")
        if SOURCE_LINES_GOAL < count <= SOURCE_LINES_MAX:
            yield Problem(path, 0, f"{count} lines, the goal is {SOURCE_LINES_GOAL}")


def check_headers(tree):
    for path in tree.paths(r".*\.h"):
        text = tree.files[path]
        guard = re.sub(r"[/.]", "_", path).upper() + "_"
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield Problem(path, 0, f"the include guard is not {guard}")
        if re.search(r"^\s*using namespace", code_only(text), re.MULTILINE):
            yield Problem(path, 0, "`using namespace` in a header changes everyone who includes "
                                   "it: name what you use")


def check_contracts(tree):
    for path in tree.paths(r"(lib|tests/testing)/.*\.h"):
        lines = tree.lines(path)
        for word in CONTRACT:
            if not any(line.startswith(f"//   {word}:") for line in lines):
                yield Problem(path, 0, f"no line \"//   {word}:\": readers look for all five of "
                                       f"{', '.join(CONTRACT)}, also where the answer is none")
        for number, line in enumerate(lines, 1):
            after = re.match(r"//   (\w+):", lines[number - 2]) if number > 1 else None
            if after and after.group(1) in CONTRACT and re.match(r"//   ?[^ ]", line):
                if not re.match(r"//   (%s):" % "|".join(CONTRACT), line):
                    yield Problem(path, number, f"continues \"{after.group(1)}\": indent it under "
                                                f"the text, 15 columns")


def check_pure(tree):
    for path in tree.paths(PURE):
        for number, line in enumerate(code_only(tree.files[path]).split("\n"), 1):
            for pattern, advice in BANNED_NAMES:
                found = re.search(pattern, line)
                if found:
                    yield Problem(path, number, f"{found.group(0)} {advice}")
    for where, pattern, advice in BANNED_INCLUDES:
        for path in tree.paths(where):
            for number, line in enumerate(tree.lines(path), 1):
                found = re.match(r'#include [<"](%s)' % pattern, line)
                if found:
                    yield Problem(path, number, f"includes {found.group(1)}: {advice}")


CHECKS = [check_sizes, check_headers, check_contracts, check_pure]
