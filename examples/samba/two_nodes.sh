#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Builds the project, makes a file server of several nodes on this machine with Debian's own,
# unmodified smbd on each, shows what clients see, lets a node crash, and cleans up. Each node is
# a network namespace with an address of its own; all share one directory.
#
#   examples/samba/two_nodes.sh              # two nodes; needs root
#   examples/samba/two_nodes.sh -n 3         # three
#   examples/samba/two_nodes.sh --loopback   # without namespaces: addresses of 127.0.0.0/8
#
# CTDB and CTDBD name programs that are built already.
set -euo pipefail

usage() {
  echo "usage: examples/samba/two_nodes.sh [-n NODES] [--loopback]" >&2
  exit 1
}
nodes=2
network=namespaces
arguments=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    -n)
      [[ ${2:-} =~ ^[2-9]$ ]] || usage
      nodes=$2
      shift
      ;;
    --loopback) network=loopback ;;
    *) usage ;;
  esac
  shift
done

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n== %s\n' "$*"; }
seen() { echo "-> $*"; }

[ "$(id -u)" -eq 0 ] || {
  echo "smbd and network namespaces need root: sudo examples/samba/two_nodes.sh" >&2
  exit 1
}
export PATH=$PATH:/usr/sbin:/sbin

if [ -z "${CTDB:-}" ] || [ -z "${CTDBD:-}" ]; then
  top=$(cd "$(dirname "$0")/../.." && pwd)
  "$top/tests/install_packages.sh" samba
  say "Building (a few minutes the first time)"
  (cd "$top" && bazel build --color=no --curses=no --ui_event_filters=-info,-stdout,-stderr \
    //cli:ctdb //daemon:ctdbd //daemon:ctdb_mutex_fcntl_helper 2>&1 |
    grep -vE '^(Loading|Analyzing|\[|$)') || true
  bin=$(cd "$top" && bazel info bazel-bin 2>/dev/null)
  export CTDB=$bin/cli/ctdb CTDBD=$bin/daemon/ctdbd
  if ! [ -x "$CTDB" ] || ! [ -x "$CTDBD" ]; then
    echo "The build failed; see: bazel build //cli:ctdb //daemon:ctdbd" >&2
    exit 1
  fi
fi
ctdb=$CTDB

# All that is made of networks and mounts is in namespaces of this process and ends with it.
if [ "$network" = namespaces ] && [ -z "${INSIDE_NAMESPACE:-}" ]; then
  if unshare --net --mount true 2>/dev/null; then
    INSIDE_NAMESPACE=1 exec unshare --net --mount "$0" "${arguments[@]}"
  fi
  echo "Network namespaces cannot be made here (a container?): loopback addresses instead."
  network=loopback
fi

# Short, since the paths of sockets must fit into an address.
directory=$(mktemp -d /tmp/ctdb-smb.XXXXXX)
chmod 711 "$directory"
declare -A smbd
stop() { # stop PID...: ends them and waits until they have
  local pid
  for pid in "$@"; do kill "$pid" 2>/dev/null || true; done
  for pid in "$@"; do
    tail --pid="$pid" -f /dev/null
    kill -9 -- "-$pid" 2>/dev/null || true
  done
}
cleanup() {
  stop "${holder[@]}" "${smbd[@]}" 2>/dev/null
  local node pid
  for ((node = 0; node < nodes; ++node)); do
    pid=$(cat "$directory/node.$node/run/ctdbd.pid" 2>/dev/null) && stop "$pid" 2>/dev/null
  done
  rm -rf "$directory"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

address=()
port=445
user=alice
if [ "$network" = namespaces ]; then
  mount -t tmpfs none /run && mkdir /run/netns
  ip link set lo up
  ip link add bridge0 type bridge
  ip addr add 10.17.0.254/24 dev bridge0 # the client's address
  ip link set bridge0 up
  for ((node = 0; node < nodes; ++node)); do
    address[node]=10.17.0.$((node + 1))
    ip netns add "node$node"
    ip link add "cable$node" type veth peer name eth0 netns "node$node"
    ip link set "cable$node" master bridge0 up
    ip -n "node$node" link set lo up
    ip -n "node$node" addr add "${address[node]}/24" dev eth0
    ip -n "node$node" link set eth0 up
  done
  # The Unix user that each node needs for a user of Samba's.
  { cat /etc/passwd && echo "$user:x:34567:34567::/nonexistent:/usr/sbin/nologin"; } \
    >"$directory/passwd"
  mount --bind "$directory/passwd" /etc/passwd
  in_node() { nsenter --net="/run/netns/node$1" "${@:2}"; }
  in_node_now() { exec nsenter --net="/run/netns/node$1" "${@:2}"; }
else
  block=127.$((RANDOM % 250 + 2)).$((RANDOM % 250))
  for ((node = 0; node < nodes; ++node)); do address[node]=$block.$((node + 1)); done
  port=$((20000 + RANDOM % 10000))
  user=nobody # who exists everywhere
  in_node() { "${@:2}"; }
  in_node_now() { exec "${@:2}"; }
fi
password=secret

on() { # on NODE COMMAND...: the ctdb command as on that node
  echo "node $1\$ ctdb ${*:2}"
  "$ctdb" --socket "$directory/node.$1/run/transport.socket" "${@:2}"
}
samba() { # samba NODE PROGRAM ARGUMENT...: a program of Samba's on that node
  in_node "$1" timeout 60 "$2" -s "$directory/node.$1/smb.conf" "${@:3}"
}
client() { # client NODE COMMANDS [OPTION...]: smbclient with that node
  echo "client\$ smbclient //${address[$1]}/share -U $user -c '$2'" "${@:3}"
  quiet_client "$@"
}
quiet_client() {
  timeout 60 smbclient -s "$directory/client.conf" -p "$port" -U "$user%$password" "${@:3}" \
    "//${address[$1]}/share" -c "$2"
}
until_true() { # until_true COMMAND...: within twenty seconds
  local deadline=$((SECONDS + 20))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || {
      echo "FAILED: never true: $*" >&2
      exit 1
    }
    sleep 0.05
  done
}
must_say() { # must_say TEXT COMMAND...: prints what it says, which has the text in it
  local out
  out=$("${@:2}" 2>&1) || true
  echo "$out"
  grep -q "$1" <<<"$out" || {
    echo "FAILED: expected $1" >&2
    exit 1
  }
}
declare -A holder orders
hold() { # hold NODE [OPTION...]: a client of that node that stays; tell gives it orders
  local pipe=$directory/orders.$1 fd
  rm -f "$pipe"
  mkfifo "$pipe"
  setsid stdbuf -oL smbclient -s "$directory/client.conf" -p "$port" -U "$user%$password" \
    "${@:2}" "//${address[$1]}/share" <"$pipe" >"$directory/answers.$1" 2>&1 &
  holder[$1]=$!
  exec {fd}<>"$pipe"
  orders[$1]=$fd
}
declare -A marker before
ask() { # ask NODE COMMAND
  before[$1]=$(grep -c '' "$directory/answers.$1") || true
  marker[$1]="answered $RANDOM"
  echo "client of node $1> $2"
  echo "$2" >&"${orders[$1]}"
  until_true taken_by "$1" # It overlooks a line that comes together with another one.
  echo "!echo ${marker[$1]}" >&"${orders[$1]}"
}
has_answered() { grep -q "${marker[$1]}" "$directory/answers.$1"; }
answer() { # answer NODE: waits for it and prints it
  until_true has_answered "$1"
  tail -n "+$((before[$1] + 1))" "$directory/answers.$1" |
    sed '/answered/d; /^Try "help/d; /^$/d' | tee "$directory/answer"
}
tell() { # tell NODE COMMAND: asks and waits
  ask "$@"
  answer "$1"
}
taken_by() { ! read -r -t 0 -u "${orders[$1]}"; }
let_go() { # let_go NODE
  local fd=${orders[$1]}
  echo "exit" >&"$fd"
  wait "${holder[$1]}" || true
  exec {fd}>&-
  unset "holder[$1]"
}

mkdir "$directory/share" # on a real site: a cluster file system
chmod 777 "$directory/share"
for ((node = 0; node < nodes; ++node)); do
  own=$directory/node.$node
  mkdir -p "$own"/db/{volatile,persistent,state} "$own/run" \
    "$own"/samba/{private,lock,state,cache,pid,ncalrpc,log}
  printf '%s\n' "${address[@]}" >"$own/nodes"
  cat >"$own/ctdb.conf" <<CONF
[logging]
  location = file:$own/log.ctdb
[cluster]
  node address = ${address[node]}
  cluster lock = $directory/cluster.lock
[database]
  volatile database directory = $own/db/volatile
  persistent database directory = $own/db/persistent
  state database directory = $own/db/state
[samba]
  enabled = true
CONF
  cat >"$own/smb.conf" <<CONF
[global]
  clustering = yes
  ctdbd socket = $own/run/ctdbd.socket
  netbios name = FILESERVER
  server role = standalone server

  private dir = $own/samba/private
  lock directory = $own/samba/lock
  state directory = $own/samba/state
  cache directory = $own/samba/cache
  pid directory = $own/samba/pid
  ncalrpc dir = $own/samba/ncalrpc
  log file = $own/samba/log/log.%m
  interfaces = ${address[node]}/8
  bind interfaces only = yes
  smb ports = $port
  disable netbios = yes
  load printers = no

  # Old, and the only one that smbclient has commands for byte-range locks with.
  server min protocol = NT1
  # The nodes have one kernel here, which must not help them.
  posix locking = no
  kernel oplocks = no
  kernel share modes = no

[share]
  path = $directory/share
  read only = no
CONF
done
printf '[global]\n  client min protocol = NT1\n' >"$directory/client.conf"

say "$nodes nodes, each with an address and a directory of its own, and our ctdbd on each"
printf 'node address\n'
for ((node = 0; node < nodes; ++node)); do echo "$node    ${address[node]}"; done
start_node() {
  in_node "$1" env CTDB_TEST_MODE=yes CTDB_BASE="$directory/node.$1" \
    CTDB_TEST_HELPER_BINDIR="${CTDBD%/*}" "$CTDBD"
}
for ((node = 0; node < nodes; ++node)); do start_node "$node"; done
until_true on 0 wait --for "active=$nodes" --timeout 1
for ((node = 0; node < nodes; ++node)); do
  until_true test -S "$directory/node.$node/run/ctdbd.socket"
done
on 0 status

say "A user is created on node 0; Samba's database of users is one of the cluster's"
echo "node 0\$ pdbedit -a -u $user"
printf '%s\n%s\n' "$password" "$password" | samba 0 pdbedit -a -t -u "$user" >/dev/null
echo "node 1\$ pdbedit -L"
samba 1 pdbedit -L | tee "$directory/users"
grep -q "^$user:" "$directory/users"
seen "node 1 knows $user, too"

say "Debian's smbd on each node: $(/usr/sbin/smbd --version)"
start_smbd() {
  local own=$directory/node.$1
  # In a session of its own: at its end it signals its process group.
  in_node_now "$1" setsid /usr/sbin/smbd -F --no-process-group -s "$own/smb.conf" \
    -l "$own/samba/log" --debug-stdout >>"$own/samba/output" 2>&1 </dev/null &
  smbd[$1]=$!
  until_true quiet_client "$1" ls
}
for ((node = 0; node < nodes; ++node)); do start_smbd "$node"; done
seen "they take connections; some of the databases that they have opened:"
on 0 getdbmap | grep -E 'name:(locking|brlock|smbXsrv_open_global|passdb)' || true

say "A file written through node 0 is read through node 1"
echo "written through node 0" >"$directory/hello"
client 0 "put $directory/hello hello.txt"
client 1 "get hello.txt $directory/copy"
cmp "$directory/hello" "$directory/copy"
seen "node 1 says: $(cat "$directory/copy")"

say "Share modes: a client of node 0 has the file open, so a client of node 1 cannot delete it"
hold 0
tell 0 "open hello.txt"
must_say NT_STATUS_SHARING_VIOLATION client 1 "del hello.txt"
seen "node 1's smbd has learnt of it from a record that came from node 0"

say "smbstatus on any node shows the sessions and open files of all"
hold 1
tell 1 "open hello.txt"
echo "node 0\$ smbstatus"
samba 0 smbstatus | tee "$directory/status"
grep -q "^0:" "$directory/status" && grep -q "^1:" "$directory/status"
seen "what is in front of the colon is the node"
let_go 0
let_go 1

say "Byte-range locks: a client of node 0 locks 16 bytes, and one of node 1 has to wait for them"
file=()
for node in 0 1; do
  hold $node --max-protocol=NT1
  tell $node "posix" >/dev/null
  tell $node "posix_open hello.txt 0666"
  file[node]=$(grep -o 'fnum [0-9]*' "$directory/answer" | grep -o '[0-9]*')
done
granted() { # granted NODE: waits for it
  answer "$1"
  ! grep -q failed "$directory/answer"
}
tell 0 "lock ${file[0]} w 0 10"
ask 1 "lock ${file[1]} w 0 10"
echo "node 1\$ smbstatus --byterange"
samba 1 smbstatus --byterange
if has_answered 1; then
  echo "FAILED: both have the lock" >&2
  exit 1
fi
seen "no answer to node 1's client yet; it comes when node 0's lets the bytes go:"
tell 0 "unlock ${file[0]} 0 10"
granted 1
seen "node 1's client has them"

let_go 0
let_go 1

say "Node 1 crashes (kill -9 of its ctdbd) while a client of it has the file open"
hold 1
tell 1 "open hello.txt"
must_say NT_STATUS_SHARING_VIOLATION client 0 "del hello.txt"
kill -9 "$(cat "$directory/node.1/run/ctdbd.pid")"
crashed=$(date +%s%N)
is_deleted() { [ -z "$(quiet_client 0 "del hello.txt" 2>&1)" ]; }
until_true is_deleted
taken=$((($(date +%s%N) - crashed) / 1000000))
seen "deleted through node 0 $taken ms after the crash: nobody has it open any more"
has_ended() { ! kill -0 "$1"; }
until_true has_ended "${smbd[1]}"
seen "node 1's smbd has ended: without a cluster it must not touch the files"
let_go 1
until_true on 0 wait --for recovered --timeout 1
on 0 status

say "The others go on"
client 0 "put $directory/hello after.txt; ls"
on_every_other() {
  for ((node = 0; node < nodes; ++node)); do [ "$node" -eq 1 ] || "$1" "$node"; done
}
shows_no_session_of_1() { ! samba "$1" smbstatus -p | grep -q "^1:"; }
nothing_of_1() { until_true shows_no_session_of_1 "$1"; }
on_every_other nothing_of_1
seen "smbstatus shows no session of node 1 any more"

say "Node 1 comes back"
start_node 1
until_true on 0 wait --for "active=$nodes" --timeout 1
until_true test -S "$directory/node.1/run/ctdbd.socket"
start_smbd 1
client 1 "get after.txt $directory/copy"
cmp "$directory/hello" "$directory/copy"

say "What was seen"
cat <<END
$nodes nodes of ours served Debian's smbd as Debian's ctdb does. Its databases were the cluster's,
so a user made on one node was known on all, and files open on one node, their share modes and
byte-range locks were respected on the others. When a node crashed its smbd ended with it, and
what its clients had open did not hinder the others after $taken ms. It came back, and serves
again.
END
