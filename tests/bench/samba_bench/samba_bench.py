#!/usr/bin/env python3
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
"""Debian's smbd on two nodes of ours and of Debian's ctdb, measured in turn; needs root.

  samba_bench.py CTDB CTDBD [--rounds N] [--seconds N] [--only TEXT]

Each measure is one of smbtorture's, with a client on each node, or the time of something that
smbclient or smbd does. Prints medians, and the ratio of each round's pair.
"""

import argparse
import os
import pathlib
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tests/conformance/samba"))

from clusters import OurCluster, PeerCluster, wait_until
from file_servers import USER, FileServers

# The only one that Samba's client library of Python uses.
SMB_PORT = 445
COPY_MIB = 200
PATIENCE_SECONDS = 60
STALL_SECONDS = 10
FIGURES_SECONDS = 1
POLL_SECONDS = 0.1


class Subject:
    def __init__(self, make_cluster, directory):
        block = f"127.{random.randint(1, 250)}.{random.randint(0, 250)}"
        addresses = [f"{block}.1", f"{block}.2"]
        directory.mkdir()
        self.directory = directory
        self.servers = FileServers(make_cluster(directory / "c"), directory, addresses,
                                   SMB_PORT)
        self.late = []  # Opens that had no answer within a second, and were sent again.
        self._uncs = directory / "uncs"
        self._uncs.write_text("".join(f"//{address}/share\n" for address in addresses))

    def start(self):
        self.servers.cluster.start()
        self.servers.start()

    def stop(self):
        self.servers.stop()
        self.servers.cluster.stop()

    def torture(self, test, seconds):
        """What smbtorture prints, also when one client got much more than the other."""
        self.servers.empty_share()
        command = [
            "/usr/bin/smbtorture", "-s", str(self.servers.conf(0)), "-U", USER, "-p",
            str(self.servers.ports[0]), "--unclist", str(self._uncs), "-t", str(seconds),
            "--num-progs=2", f"//{self.servers.addresses[0]}/share", test]
        with tempfile.TemporaryFile("w+", dir=self.directory) as output:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT)
            try:
                text = self._figures_of(process, output, seconds)
            finally:
                process.kill()
                process.wait()
        if "ops/second" not in text:
            raise RuntimeError(f"{test} on {self.servers.cluster.name}: {text}")
        if retries := sum(map(int, re.findall(r"ops \((\d+) retries\)", text))):
            self.late.append(f"{test}: {retries}")
        return text

    # When smbtorture has its figures it forgets requests that are under way, at times between the
    # head and the rest of an answer; what comes then it cannot read, and waits for a minute. That
    # is so on any cluster, so nobody waits for its end.
    @staticmethod
    def _figures_of(process, output, seconds):
        begin = time.monotonic()
        while True:
            has_ended = process.poll() is not None
            output.seek(0)
            text = output.read()
            elapsed = time.monotonic() - begin
            # Some tests show what they have so far every second.
            has_figures = "ops/second" in text and elapsed > seconds + FIGURES_SECONDS
            if has_ended or has_figures or elapsed > seconds + STALL_SECONDS:
                return text
            time.sleep(POLL_SECONDS)


def ops_per_second(test):
    def measure(subject, seconds):
        counts = re.findall(r"^\[\d\] (\d+) ops", subject.torture(test, seconds), re.MULTILINE)
        return sum(map(int, counts)) / seconds
    return measure


def last_ops_per_second(test):
    def measure(subject, seconds):
        return float(re.findall(r"([\d.]+) ops/second", subject.torture(test, seconds))[-1])
    return measure


def smbclient(subject, node, commands):
    servers = subject.servers
    return subprocess.run(
        ["/usr/bin/smbclient", "-s", str(servers.conf(node)), "-U", USER, "-p",
         str(servers.ports[node]), f"//{servers.addresses[node]}/share", "-c", commands],
        stdin=subprocess.DEVNULL, capture_output=True, check=True,
        timeout=PATIENCE_SECONDS + COPY_MIB)


def alternate_opens_per_second(subject, seconds):
    subject.servers.empty_share()
    program = pathlib.Path(__file__).resolve().parent / "alternate_opens.py"
    shown = subprocess.run([str(program), str(subject.servers.conf(0)), USER, str(seconds),
                            *subject.servers.addresses], stdin=subprocess.DEVNULL,
                           capture_output=True, check=True, text=True,
                           timeout=seconds + PATIENCE_SECONDS)
    return float(shown.stdout)


def copy_mib_per_second(subject, _):
    source = subject.directory / "source"
    if not source.exists():
        source.write_bytes(os.urandom(1 << 20) * COPY_MIB)
    begin = time.monotonic()
    smbclient(subject, 0, f"put {source} copy; get copy {subject.directory}/back")
    return 2 * COPY_MIB / (time.monotonic() - begin)


def many_files_per_second(subject, seconds):
    """Files made in one directory, by both nodes at once; each is made, opened and deleted."""
    subject.servers.empty_share()
    small = subject.directory / "small"
    small.write_text("small")
    count = min(200 * seconds, 1500)  # What fits into an argument; logins are a small part.
    commands = ["; ".join(f"put {small} {node}.{i}; get {node}.{i} /dev/null" for i in range(count))
                for node in (0, 1)]
    begin = time.monotonic()
    clients = [subprocess.Popen(
        ["/usr/bin/smbclient", "-s", str(subject.servers.conf(node)), "-U", USER, "-p",
         str(subject.servers.ports[node]), f"//{subject.servers.addresses[node]}/share", "-c",
         commands[node]], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL) for node in (0, 1)]
    if any([client.wait(PATIENCE_SECONDS * 2) for client in clients]):
        raise RuntimeError("smbclient failed")
    return 4 * count / (time.monotonic() - begin)


def smbd_starts_per_second(subject, _):
    """The inverse of the time from the start of smbd on node 1 until a client is served."""
    servers = subject.servers
    smbd = servers.smbds.pop()
    smbd.terminate()
    smbd.wait(PATIENCE_SECONDS)
    begin = time.monotonic()
    servers.start_smbd(1)
    wait_until(lambda: servers.serves(1), "smbd serves")
    return 1 / (time.monotonic() - begin)


# raw.bench-open is not among them: both of its clients open the same files in the same order, and
# each time that they meet, smbd looks again after 200 ms. Nine tenths of its time are such waits.
MEASURES = {
    "open and close of one file through both nodes in turn, opens/s": alternate_opens_per_second,
    "byte-range locks handed from node to node, locks/s (raw.bench-lock)":
        ops_per_second("raw.bench-lock"),
    "oplocks broken from node to node, opens/s (raw.bench-oplock)":
        last_ops_per_second("raw.bench-oplock"),
    "many files of one directory from both nodes, opens/s": many_files_per_second,
    "copy of a file to node 0 and back, MiB/s": copy_mib_per_second,
    "smbd starts until a client is served, 1/s": smbd_starts_per_second,
}


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("ctdb", type=os.path.abspath)
    parser.add_argument("ctdbd", type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", default="", metavar="TEXT",
                        help="measure only what has the text in its name")
    return parser.parse_args()


def run(arguments, directory):
    subjects = {
        "ours": Subject(lambda where: OurCluster(where, 2, arguments.ctdb, arguments.ctdbd),
                        directory / "ours"),
        "ctdb": Subject(lambda where: PeerCluster(where, 2, is_realtime=True), directory / "ctdb")}
    try:
        for subject in subjects.values():
            subject.start()
        print("| what | ours | ctdb | ratio |\n| --- | --- | --- | --- |")
        for what, measure in MEASURES.items():
            if arguments.only not in what:
                continue
            pairs = []
            for turn in range(arguments.rounds):
                names = list(subjects) if turn % 2 == 0 else list(subjects)[::-1]
                got = {name: measure(subjects[name], arguments.seconds) for name in names}
                pairs.append((got["ours"], got["ctdb"]))
            ours, peer = (statistics.median(column) for column in zip(*pairs))
            ratios = sorted(pair[0] / pair[1] for pair in pairs)
            print(f"| {what} | {ours:.3g} | {peer:.3g} | {statistics.median(ratios):.2f} "
                  f"[{ratios[0]:.2f}..{ratios[-1]:.2f}] |", flush=True)
        for name, subject in subjects.items():
            print(f"{name}: opens that waited for more than a second: "
                  f"{', '.join(subject.late) or 'none'}")
    finally:
        for subject in subjects.values():
            subject.stop()


def main():
    arguments = parse()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Short, since the paths of sockets must fit into an address.
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ctdb-sb.", dir="/tmp"))
    try:
        run(arguments, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
