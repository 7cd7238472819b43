# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Sourced by the tests of this folder after tests/integration/cli/cluster.sh: a cluster that serves
# unmodified Samba, and Samba's own programs, each node's in a directory of its own.

# start_samba_cluster [OPTION...]
start_samba_cluster() {
  "$ctdb" local setup "$base/c" "$@" || fail "setup"
  local config
  for config in "$base"/c/node.*/ctdb.conf; do
    printf '\n[samba]\n\tenabled = true\n' >>"$config"
  done
  "$ctdb" local start "$base/c" || fail "start"
  on all ctdb wait --for running --timeout 20 >/dev/null || fail "not running"
  until_true test -S "$base/c/node.1/run/ctdbd.socket"
}

# old_ctdb NODE ARGUMENT...: the command of Debian's ctdb package.
old_ctdb() {
  local node=$1
  shift
  CTDB_TEST_MODE=1 CTDB_BASE="$base/c/node.$node" timeout 20 /usr/bin/ctdb "$@"
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

smb_conf() { echo "$base/smb.$1/smb.conf"; }

# write_smb_conf NODE: users may come without a password; all nodes share one directory.
write_smb_conf() {
  local dir=$base/smb.$1
  mkdir -p "$dir"/{private,lock,state,cache,pid,ncalrpc,log} "$base/share"
  chmod 777 "$base/share"
  cat >"$dir/smb.conf" <<CONF
[global]
  workgroup = TESTGROUP
  netbios name = CLUSTER
  server role = standalone server
  clustering = yes
  ctdbd socket = $base/c/node.$1/run/ctdbd.socket
  private dir = $dir/private
  lock directory = $dir/lock
  state directory = $dir/state
  cache directory = $dir/cache
  pid directory = $dir/pid
  ncalrpc dir = $dir/ncalrpc
  log file = $dir/log/log.%m
  smb ports = ${port[$1]}
  disable netbios = yes
  map to guest = Bad User
  guest account = root
  load printers = no
  printing = bsd
  printcap name = /dev/null
  include = registry
[share]
  path = $base/share
  read only = no
  guest ok = yes
  force user = root
CONF
}

declare -A smbd_pid port
start_smbd() {
  port[$1]=$(free_port)
  write_smb_conf "$1"
  # In a session of its own: at its end it signals its process group.
  setsid /usr/sbin/smbd -F --no-process-group -s "$(smb_conf "$1")" -l "$base/smb.$1/log" \
    --debug-stdout >"$base/smb.$1/output" 2>&1 </dev/null &
  smbd_pid[$1]=$!
  until_true smb "$1" "ls"
}
stop_smbd() {
  local node
  for node in "${!smbd_pid[@]}"; do
    kill "${smbd_pid[$node]}" 2>/dev/null
    wait "${smbd_pid[$node]}" 2>/dev/null
  done
}

# smb NODE COMMANDS: as a client of that node's smbd.
smb() {
  timeout 20 smbclient -N -s "$(smb_conf "$1")" -p "${port[$1]}" //127.0.0.1/share -c "$2"
}
