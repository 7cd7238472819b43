"""Clusters on this machine that Samba can run on: ours, and Debian's ctdb in its test mode.

A cluster has nodes 0 to N-1, all on loopback, in a directory of its own. start() returns when it
serves, stop() when its processes have ended; socket(node) is what smbd connects to.
"""

import os
import pathlib
import random
import signal
import socket
import subprocess
import time

START_SECONDS = 90
POLL_SECONDS = 0.05
CTDB_PORT = 4379


def wait_until(condition, what, seconds=START_SECONDS):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"never true: {what}")
        time.sleep(POLL_SECONDS)


def succeeds(command, **options):
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False, **options).returncode == 0


class OurCluster:
    name = "ours"

    def __init__(self, directory, node_count, ctdb, ctdbd, process_model="single"):
        self.directory = pathlib.Path(directory)
        self.node_count = node_count
        self._ctdb = ctdb
        self._process_model = process_model
        self._environment = {**os.environ, "CTDBD": str(ctdbd)}
        for variable in ("CTDB_BASE", "CTDB_TEST_MODE", "CTDB_SOCKET"):
            self._environment.pop(variable, None)

    def socket(self, node):
        return self.directory / f"node.{node}/run/ctdbd.socket"

    def _local(self, *arguments):
        return subprocess.run([self._ctdb, "local", *arguments], env=self._environment, check=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def start(self):
        self._local("setup", str(self.directory), "-n", str(self.node_count))
        for node in range(self.node_count):
            path = self.directory / f"node.{node}/ctdb.conf"
            text = path.read_text().replace("process model = single",
                                            f"process model = {self._process_model}")
            path.write_text(text + "\n[samba]\n\tenabled = true\n")
        self._local("start", str(self.directory))
        self._local("onnode", "--dir", str(self.directory), "all", "ctdb", "wait", "--for",
                    "running", "--timeout", "60")
        for node in range(self.node_count):
            wait_until(self.socket(node).exists, f"node {node}'s socket for Samba")

    def leader(self):
        shown = subprocess.run([self._ctdb, "--socket",
                                str(self.directory / "node.0/run/transport.socket"), "leader"],
                               env=self._environment, check=True, capture_output=True, text=True)
        return int(shown.stdout)

    def kill(self, node):
        os.kill(int((self.directory / f"node.{node}/run/ctdbd.pid").read_text()), signal.SIGKILL)

    def stop(self):
        self._local("destroy", str(self.directory))


class PeerCluster:
    name = "ctdb"
    DAEMON = "/usr/sbin/ctdbd"

    def __init__(self, directory, node_count, is_realtime=False):
        """is_realtime: with the priority that ctdbd has outside of its test mode."""
        self.directory = pathlib.Path(directory)
        self.node_count = node_count
        self._is_realtime = is_realtime
        self._daemons = []

    def socket(self, node):
        return self._node(node) / "run/ctdbd.socket"

    def start(self):
        addresses = self._free_addresses()
        for node, address in enumerate(addresses):
            self._write_node(node, address, addresses)
            self._start_daemon(node)
        for node in range(self.node_count):
            wait_until(lambda node=node: self._is_ready(node), f"node {node} of ctdb is ready")
        for daemon in self._daemons if self._is_realtime else []:
            os.sched_setscheduler(daemon.pid, os.SCHED_FIFO, os.sched_param(1))

    def leader(self):
        shown = subprocess.run(["/usr/bin/ctdb", "leader"], env=self._environment_of(0),
                               check=True, capture_output=True, text=True)
        return int(shown.stdout)

    def kill(self, node):
        os.killpg(self._daemons[node].pid, signal.SIGKILL)

    # They end when their standard input does; what remains of them is in their sessions.
    def stop(self):
        for daemon in self._daemons:
            daemon.stdin.close()
            try:
                daemon.wait(5)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(daemon.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            daemon.wait()
        self._daemons = []

    def _node(self, node):
        return self.directory / f"node.{node}"

    def _environment_of(self, node):
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CTDB_TEST_MODE": "1",
                "CTDB_BASE": str(self._node(node)), "CTDB_TEST_HELPER_BINDIR": "/usr/libexec/ctdb"}

    # The port is the same for all clusters of a machine, so the addresses must not be.
    def _free_addresses(self):
        while True:
            block = f"127.{random.randint(1, 254)}.{random.randint(0, 254)}"
            addresses = [f"{block}.{node + 1}" for node in range(self.node_count)]
            try:
                for address in addresses:
                    with socket.socket() as probe:
                        probe.bind((address, CTDB_PORT))
                return addresses
            except OSError:
                continue

    def _write_node(self, node, address, addresses):
        own = self._node(node)
        for part in ("db/volatile", "db/persistent", "db/state", "run", "var",
                     "share/events/legacy", "events/legacy", "events/notification"):
            (own / part).mkdir(parents=True, exist_ok=True)
        (own / "nodes").write_text("\n".join(addresses) + "\n")
        (own / "ctdb.conf").write_text(f"""[logging]
\tlog level = NOTICE
[cluster]
\tnode address = {address}
\tcluster lock = {self.directory}/cluster.lock
[database]
\tvolatile database directory = {own}/db/volatile
\tpersistent database directory = {own}/db/persistent
\tstate database directory = {own}/db/state
[failover]
\tdisabled = true
""")

    def _start_daemon(self, node):
        with open(self._node(node) / "log", "ab") as log:
            self._daemons.append(subprocess.Popen(
                [self.DAEMON, "--interactive"], env=self._environment_of(node),
                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True))

    def _is_ready(self, node):
        if self._daemons[node].poll() is not None:
            raise RuntimeError(f"ctdbd of node {node} has ended, see {self._node(node)}/log")
        environment = self._environment_of(node)
        return all(succeeds(["/usr/bin/ctdb", *command], env=environment)
                   for command in (("runstate", "running"), ("nodestatus", "all")))
