"""Runs single tests of Debian's smbtorture against file servers."""

import re
import subprocess

from clusters import START_SECONDS
from file_servers import USER, FileServers
from relay import Relay

SMBTORTURE = "/usr/bin/smbtorture"
PASS, FAIL, SKIP, TIME = "pass", "FAIL", "skip", "time"


def list_tests(suites):
    """Names of the single tests of these suites, each as smbtorture takes it."""
    listed = subprocess.run([SMBTORTURE, "--list"], capture_output=True, text=True, check=True,
                            timeout=START_SECONDS).stdout.split()
    tests = []
    for suite in suites:
        for name in listed:
            if name == suite or name.startswith(suite + "."):
                *front, last = name.split(".")
                short = ".".join(front) if front and front[-1] == last else name
                if short not in tests:
                    tests.append(short)
    return tests


class Bench:
    """A cluster with file servers that tests run against, one after the other."""

    def __init__(self, make_cluster, directory, output_directory):
        self._make_cluster = make_cluster
        self._directory = directory
        self._output_directory = output_directory
        self._starts = 0
        self.servers = None
        self._relay = None

    def start(self):
        directory = self._directory / str(self._starts)
        self._starts += 1
        cluster = self._make_cluster(directory / "c")
        self.servers = FileServers(cluster, directory)
        directory.mkdir(parents=True)
        cluster.start()
        self.servers.start()
        self._relay = Relay(self.servers.ports)

    def stop(self):
        if self.servers is None:
            return
        if self._relay is not None:
            self._relay.stop()
            self._relay = None
        self.servers.stop()
        self.servers.cluster.stop()
        self.servers = None

    def run(self, test, limit_seconds):
        """(result, the reason in one line)"""
        if not self.servers.are_alive():
            self.stop()
            self.start()
        self.servers.empty_share()
        self._relay.restart()
        command = [SMBTORTURE, "-s", str(self.servers.conf(0)), "-U", USER, "-p",
                   str(self._relay.port), "--target=samba3", "--fullname", "//127.0.0.1/share",
                   test]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=limit_seconds, check=False,
                                  cwd=self._directory)
            result, reason = judge(done.stdout.decode(errors="replace"), done.returncode)
            output = done.stdout
        except subprocess.TimeoutExpired as expired:
            result, reason = TIME, f"not done after {limit_seconds} s"
            output = expired.stdout or b""
        if not self.servers.are_alive():
            result, reason = FAIL, "smbd has ended"
        self._output_directory.mkdir(parents=True, exist_ok=True)
        with open(self._output_directory / test, "ab") as file:
            file.write(output + f"== {result}: {reason}\n".encode())
        return result, reason


def judge(output, returncode):
    failure = re.search(r"^(?:failure|error): \S+ \[\n(.*)", output, re.MULTILINE)
    if failure:
        return FAIL, failure.group(1).strip()
    if returncode != 0:
        lines = output.strip().splitlines()
        return FAIL, lines[-1] if lines else f"exit status {returncode}"
    if re.search(r"^skip: ", output, re.MULTILINE):
        return SKIP, ""
    return PASS, ""
