#!/usr/bin/env python3
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
"""How long a client of smbd waits when the daemon of another node is killed; needs root.

  service_gap.py CTDB CTDBD [--rounds N]

Three nodes of ours and of Debian's ctdb, in turn. A client makes one file after the other through a
node that stays; the times of the files show the longest pause. Prints medians of it.
"""

import argparse
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tests/conformance/samba"))

from clusters import OurCluster, PeerCluster, wait_until
from file_servers import USER, FileServers

NODE_COUNT = 3
FILES_MAX = 20_000
AFTER_KILL_SECONDS = 12


def longest_pause_ms(servers, kills_leader):
    """The longest time between two files after the kill, and before it."""
    cluster = servers.cluster
    leader = cluster.leader()
    victim = leader if kills_leader else next(n for n in range(NODE_COUNT) if n != leader)
    node = next(n for n in range(NODE_COUNT) if n not in (leader, victim))
    small = servers.share.parent / "small"
    small.write_text("small")
    commands = "".join(f"put {small} {i}\n" for i in range(FILES_MAX))
    client = subprocess.Popen(
        ["/usr/bin/smbclient", "-s", str(servers.conf(node)), "-U", USER, "-p",
         str(servers.ports[node]), "//127.0.0.1/share"], stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    feeder = os.fork()
    if feeder == 0:
        try:
            client.stdin.write(commands.encode())
            client.stdin.close()
        except BrokenPipeError:
            pass
        os._exit(0)
    try:
        wait_until(lambda: (servers.share / "200").exists(), "200 files")
        killed = time.time()
        cluster.kill(victim)
        # The time to see is the test's subject: as long as ctdb's slowest case takes, and more.
        wait_until(lambda: time.time() > killed + AFTER_KILL_SECONDS, "the end")
    finally:
        client.kill()
        client.wait()
        os.kill(feeder, signal.SIGKILL)
        os.waitpid(feeder, 0)
    times = sorted(entry.stat().st_mtime for entry in os.scandir(servers.share))
    pauses = [(after - before, after >= killed) for before, after in zip(times, times[1:])]
    return tuple(1000 * max(pause for pause, is_after in pauses if is_after == wanted)
                 for wanted in (True, False))


def measure(make_cluster, directory, kills_leader):
    servers = FileServers(make_cluster(directory / "c"), directory)
    directory.mkdir()
    try:
        servers.cluster.start()
        servers.start()
        return longest_pause_ms(servers, kills_leader)
    finally:
        servers.stop()
        servers.cluster.stop()
        shutil.rmtree(directory)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ctdb", type=os.path.abspath)
    parser.add_argument("ctdbd", type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    makers = {
        "ours": lambda where: OurCluster(where, NODE_COUNT, arguments.ctdb, arguments.ctdbd),
        "ctdb": lambda where: PeerCluster(where, NODE_COUNT, is_realtime=True)}
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ctdb-sg.", dir="/tmp"))
    print("| killed | ours, ms | ctdb, ms | without a kill: ours, ctdb |\n"
          "| --- | --- | --- | --- |")
    try:
        for kills_leader in (False, True):
            got = {name: [] for name in makers}
            for _ in range(arguments.rounds):
                for name, maker in makers.items():
                    got[name].append(measure(maker, directory / name, kills_leader))
            shown = {name: [f"{statistics.median(column):.0f}" for column in zip(*pairs)]
                     for name, pairs in got.items()}
            print(f"| {'the leader' if kills_leader else 'another node'} | {shown['ours'][0]} | "
                  f"{shown['ctdb'][0]} | {shown['ours'][1]}, {shown['ctdb'][1]} |", flush=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
