"""The page that shows a comparison."""

from suites import LEFT_OUT, LIMIT_SECONDS, LONG_LIMIT_SECONDS, SUITES, suite_of
from torture import FAIL, PASS, SKIP, TIME

HEAD = """# Samba's own tests on ours and on ctdb

Written by `bazel run //tests/conformance/samba:compare -- --write FILE`; what it says was seen in
that run. Debian 12's smbd and smbtorture (4.17.12) with the same smb.conf on clusters of ours and
of Debian's ctdb, on one node and on two. With two nodes each test's first connection is to node 0,
its second to node 1, and so on, through a relay that deals them out, so that each suite becomes one
about two nodes. A test that passes on ctdb and fails on ours is run two more times on both and
counts when it has been so each time. A test may take {limit} s, a few {long}.

Much that fails on both fails with any Samba of this version and configuration, or has to where two
connections of one client are to two hosts: an answer to a broken lease comes from where it is not
expected, and smbd learns a moment too late that somebody on another node waits for changes of a
directory.
"""


def _result(results, key):
    return results[key][0] if key in results else SKIP


def differences(results):
    lines = []
    for test, by_bench in results.items():
        for count in (1, 2):
            ours, peer = _result(by_bench, f"ours.{count}"), _result(by_bench, f"ctdb.{count}")
            if peer == PASS and ours in (FAIL, TIME):
                reason = by_bench[f"ours.{count}"][1]
                lines.append(f"{test}, {_nodes(count)}: {reason}")
    return lines


def _nodes(count):
    return "1 node" if count == 1 else f"{count} nodes"


def _better(results):
    return [f"{test}, {_nodes(count)}: {by_bench[f'ctdb.{count}'][1]}"
            for test, by_bench in results.items() for count in (1, 2)
            if _result(by_bench, f"ours.{count}") == PASS
            and _result(by_bench, f"ctdb.{count}") in (FAIL, TIME)]


def _on_neither(results, count):
    return [test for test, by_bench in results.items()
            if all(_result(by_bench, f"{name}.{count}") in (FAIL, TIME)
                   for name in ("ours", "ctdb"))]


def _row(suite, tests):
    cells = [suite, str(len(tests))]
    differ = 0
    for count in (1, 2):
        passed = {name: sum(_result(test, f"{name}.{count}") == PASS for test in tests)
                  for name in ("ctdb", "ours")}
        cells += [str(passed["ctdb"]), str(passed["ours"])]
        differ += sum(_result(test, f"ctdb.{count}") == PASS and
                      _result(test, f"ours.{count}") in (FAIL, TIME) for test in tests)
    return "| " + " | ".join(cells + [str(differ)]) + " |"


def page(results):
    by_suite = {suite: [] for suite in SUITES}
    for test, by_bench in results.items():
        by_suite[suite_of(test)].append(by_bench)
    lines = [HEAD.format(limit=LIMIT_SECONDS, long=LONG_LIMIT_SECONDS),
             "| suite | tests | ctdb, 1 node | ours, 1 node | ctdb, 2 nodes | ours, 2 nodes |"
             " worse |", "| --- | --- | --- | --- | --- | --- | --- |"]
    lines += [_row(suite, tests) for suite, tests in by_suite.items() if tests]
    everything = [test for tests in by_suite.values() for test in tests]
    lines.append(_row("all", everything))
    missing = [suite for suite, tests in by_suite.items() if not tests]
    if missing:
        lines += ["", "Not run this time: " + ", ".join(missing) + "."]
    lines += ["", "## Passes on ctdb, fails on ours", ""]
    lines += _listed(differences(results))
    lines += ["", "## Passes on ours, fails on ctdb", "",
              "Seen once; most likely tests that do not always pass.", ""]
    lines += _listed(_better(results))
    on_one = _on_neither(results, 1)
    on_two = [test for test in _on_neither(results, 2) if test not in on_one]
    lines += ["", "## Does not pass on either", "",
              f"- On one node: {', '.join(on_one) or 'none'}.",
              f"- On two nodes, beside those: {', '.join(on_two) or 'none'}."]
    lines += ["", "## Left out", ""]
    lines += [f"- {names}: {why}." for names, why in LEFT_OUT.items()]
    return "\n".join(_wrapped(line) for line in lines) + "\n"


def _listed(lines):
    return ["- " + line.rstrip(": ") for line in lines] or ["None."]


def _wrapped(line, width=100):
    if len(line) <= width or line.startswith("|") or "\n" in line:
        return line
    out, rest = [], line
    while len(rest) > width:
        cut = rest.rfind(" ", 0, width)
        cut = cut if cut > 2 else width
        out.append(rest[:cut])
        rest = "  " + rest[cut:].lstrip()
    return "\n".join(out + [rest])
