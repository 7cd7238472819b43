"""Debian's smbd on each node of a cluster, all with one shared directory and one user."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess

from clusters import succeeds, wait_until

USER = "root%secret"

# What the kernel knows of all nodes, since they share it, must not help: no locks, share modes,
# oplocks or notifications of its own.
SMB_CONF = """[global]
  workgroup = TESTGROUP
  netbios name = CLUSTER
  server role = standalone server
  clustering = yes
  ctdbd socket = {socket}
  private dir = {own}/private
  lock directory = {own}/lock
  state directory = {own}/state
  cache directory = {own}/cache
  pid directory = {own}/pid
  ncalrpc dir = {own}/ncalrpc
  log file = {own}/log/log.%m
  interfaces = {address}/8
  bind interfaces only = yes
  smb ports = {port}
  disable netbios = yes
  server min protocol = NT1
  client min protocol = NT1
  load printers = no
  printing = bsd
  printcap name = /dev/null
  posix locking = no
  kernel oplocks = no
  kernel share modes = no
  kernel change notify = no
  ea support = yes
  store dos attributes = yes
  map archive = no
  map hidden = no
  map system = no
  map readonly = no
[share]
  path = {share}
  read only = no
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class FileServers:
    """smbd on all nodes of a running cluster, at addresses[node] and ports[node].

    Without addresses all are at 127.0.0.1, with ports of their own; with them at the same port,
    `port` or a free one.
    """

    def __init__(self, cluster, directory, addresses=None, port=None):
        self.cluster = cluster
        self.addresses = addresses or ["127.0.0.1"] * cluster.node_count
        self._same_port = addresses is not None
        self._port = port
        self._directory = pathlib.Path(directory)
        self.share = self._directory / "share"
        self.ports = []
        self.smbds = []

    def conf(self, node):
        return self._own(node) / "smb.conf"

    def start(self):
        self.share.mkdir(parents=True, exist_ok=True)
        self.ports = [free_port() for _ in range(self.cluster.node_count)]
        if self._same_port:
            self.ports = [self._port or self.ports[0]] * self.cluster.node_count
        for node in range(self.cluster.node_count):
            self._write_conf(node)
        user, password = USER.split("%")
        subprocess.run(["/usr/bin/pdbedit", "-s", str(self.conf(0)), "-a", "-t", "-u", user],
                       input=f"{password}\n{password}\n", text=True, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        for node in range(self.cluster.node_count):
            self.start_smbd(node)
        for node in range(self.cluster.node_count):
            wait_until(lambda node=node: self.serves(node), f"smbd of node {node} serves")

    def serves(self, node):
        if self.smbds[node].poll() is not None:
            raise RuntimeError(f"smbd of node {node} has ended, see {self._own(node)}/output")
        return succeeds(["/usr/bin/smbclient", "-s", str(self.conf(node)), "-U", USER, "-p",
                         str(self.ports[node]), f"//{self.addresses[node]}/share", "-c", "ls"],
                        timeout=30)

    def are_alive(self):
        return all(smbd.poll() is None for smbd in self.smbds)

    def empty_share(self):
        for path in self.share.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    # At its end it signals its process group, which is why it has one; the rest are its children.
    def stop(self):
        for smbd in self.smbds:
            if smbd.poll() is None:
                smbd.terminate()
            try:
                smbd.wait(10)
            except subprocess.TimeoutExpired:
                pass
            try:
                os.killpg(smbd.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            smbd.wait()
        self.smbds = []

    def _own(self, node):
        return self._directory / f"smb.{node}"

    def _write_conf(self, node):
        own = self._own(node)
        for part in ("private", "lock", "state", "cache", "pid", "ncalrpc", "log"):
            (own / part).mkdir(parents=True, exist_ok=True)
        self.conf(node).write_text(SMB_CONF.format(
            socket=self.cluster.socket(node), own=own, address=self.addresses[node],
            port=self.ports[node], share=self.share))

    def start_smbd(self, node):
        with open(self._own(node) / "output", "ab") as output:
            self.smbds.append(subprocess.Popen(
                ["/usr/sbin/smbd", "-F", "--no-process-group", "-s", str(self.conf(node)), "-l",
                 str(self._own(node) / "log"), "--debug-stdout"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True))
