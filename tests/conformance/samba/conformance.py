#!/usr/bin/env python3
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
"""Debian's smbtorture on Debian's smbd, on clusters of ours and on Debian's ctdb.

  conformance.py short CTDB CTDBD [CTDBD_PROCESS...]
      On two nodes of ours: all of must_pass.txt has to pass.
  conformance.py compare CTDB CTDBD ... -- [--write FILE] [--record DIRECTORY] [SUITE...]
      On one and on two nodes of either: what passes on ctdb has to pass on ours.

With two nodes, a test's connections go to the nodes in turn. Needs root, as smbd does.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import report
from clusters import OurCluster, PeerCluster
from suites import SUITES, limit_seconds
from torture import FAIL, PASS, TIME, Bench, list_tests

NODE_COUNTS = (1, 2)
REPEATS = 2


def is_worse(ours, peer):
    return peer == PASS and ours in (FAIL, TIME)


class Comparison:
    """All benches at once: most of a test is waiting."""

    def __init__(self, arguments, directory, record):
        self._benches = {}
        self._pool = concurrent.futures.ThreadPoolExecutor(4)
        for count in arguments.nodes:
            for name in ("ours", "ctdb"):
                self._benches[name, count] = Bench(
                    self._maker(name, count, arguments), directory / f"{name}{count}",
                    record / "output" / f"{name}.{count}")

    @staticmethod
    def _maker(name, count, arguments):
        if name == "ctdb":
            return lambda where: PeerCluster(where, count)
        return lambda where: OurCluster(where, count, arguments.ctdb, arguments.ctdbd)

    def start(self):
        list(self._pool.map(lambda bench: bench.start(), self._benches.values()))

    def stop(self):
        list(self._pool.map(lambda bench: bench.stop(), self._benches.values()))

    def run(self, test):
        """{"ours.1": (result, reason), ...}; what is worse has been so in each of three runs."""
        done = {key: self._pool.submit(bench.run, test, limit_seconds(test))
                for key, bench in self._benches.items()}
        results = {key: future.result() for key, future in done.items()}
        for name, count in list(results):
            if name == "ours":
                self._repeat(test, count, results)
        return {f"{name}.{count}": result for (name, count), result in results.items()}

    # A test that does not always pass on ctdb is no measure either.
    def _repeat(self, test, count, results):
        for _ in range(REPEATS):
            if not is_worse(results["ours", count][0], results["ctdb", count][0]):
                return
            done = {name: self._pool.submit(self._benches[name, count].run, test,
                                            limit_seconds(test))
                    for name in ("ours", "ctdb")}
            ours, peer = done["ours"].result(), done["ctdb"].result()
            if not is_worse(ours[0], PASS):
                results["ours", count] = ours
            if peer[0] != PASS:
                results["ctdb", count] = peer


def compare(arguments, directory):
    record = pathlib.Path(arguments.record) if arguments.record else directory / "record"
    record.mkdir(parents=True, exist_ok=True)
    results_file = record / "results.json"
    results = json.loads(results_file.read_text()) if results_file.exists() else {}
    tests = [test for test in list_tests(arguments.suites or SUITES) if test not in results]
    comparison = Comparison(arguments, directory, record)
    try:
        comparison.start()
        for test in tests:
            results[test] = comparison.run(test)
            print(test, " ".join(f"{key}={result[0]}" for key, result in results[test].items()),
                  flush=True)
            results_file.write_text(json.dumps(results, indent=1))
            if arguments.write:
                pathlib.Path(arguments.write).write_text(report.page(results))
    finally:
        comparison.stop()
    worse = report.differences(results)
    for line in worse:
        print(line)
    print(f"{len(results)} tests, {len(worse)} that pass on ctdb only")
    return 1 if worse else 0


def short(arguments, directory):
    wanted = (pathlib.Path(__file__).parent / "must_pass.txt").read_text().split()
    bench = Bench(lambda where: OurCluster(where, 2, arguments.ctdb, arguments.ctdbd), directory,
                  directory / "output")
    failed = []
    try:
        bench.start()
        for test in wanted:
            for _ in range(1 + REPEATS):
                result, reason = bench.run(test, limit_seconds(test))
                if result == PASS:
                    break
            print(test, result, reason, flush=True)
            if result != PASS:
                failed.append(test)
                print((directory / "output" / test).read_text())
    finally:
        bench.stop()
    print(f"{len(wanted)} tests, {len(failed)} failed")
    return 1 if failed else 0


def parse(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=("short", "compare"))
    parser.add_argument("ctdb", type=os.path.abspath)
    parser.add_argument("ctdbd", type=os.path.abspath)
    parser.add_argument("--nodes", type=int, nargs="*", default=NODE_COUNTS)
    parser.add_argument("--write", help="the page with the table")
    parser.add_argument("--record", help="a directory for results; what is there is not run again")
    parser.add_argument("--suites", nargs="*")
    return parser.parse_args(arguments)


def main():
    arguments = parse(sys.argv[1:])
    if os.geteuid() != 0:
        print("smbd needs root: skipped")
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    # Short, since the paths of sockets must fit into an address.
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ctdb-st.", dir="/tmp"))
    try:
        return (short if arguments.command == "short" else compare)(arguments, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
