#!/usr/bin/env bash
# Builds the project, runs a cluster of three nodes on this machine, shows what it does, and cleans
# up. Everything happens on loopback addresses and in one directory.
#
#   examples/quickstart.sh           # leaves nothing behind
#   examples/quickstart.sh --keep    # leaves the cluster running and says how to use it
set -euo pipefail
cd "$(dirname "$0")/.."

keep=
case "${1:-}" in
  '') ;;
  --keep) keep=1 ;;
  *)
    echo "usage: examples/quickstart.sh [--keep]" >&2
    exit 1
    ;;
esac

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n== %s\n' "$*"; }

tests/install_packages.sh build
say "Building (a few minutes the first time)"
bazel build --color=no --curses=no --ui_event_filters=-info,-stdout,-stderr \
  //cli:ctdb //daemon:ctdbd //daemon:transportd //daemon:clusterd //daemon:databased \
  //daemon:ctdb_mutex_fcntl_helper //examples/shared_counters 2>&1 |
  grep -vE '^(Loading|Analyzing|\[|$)' || true
bin=$(bazel info bazel-bin 2>/dev/null)
ctdb=$bin/cli/ctdb
[ -x "$ctdb" ] && [ -x "$bin/daemon/ctdbd" ] || {
  echo "The build failed; see: bazel build //cli:ctdb //daemon:ctdbd" >&2
  exit 1
}
export CTDBD=$bin/daemon/ctdbd

directory=$(mktemp -d "${TMPDIR:-/tmp}/ctdb-quickstart.XXXXXX")
listener=
counters=()
cleanup() {
  for job in $listener "${counters[@]}"; do kill "$job" 2>/dev/null || true; done
  [ -n "$keep" ] && [ -e "$directory/done" ] && return
  "$ctdb" local destroy "$directory/cluster" >/dev/null 2>&1 || true
  rm -rf "$directory"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

cluster=$directory/cluster
local_cluster() { # local_cluster COMMAND...: ctdb local with this cluster's directory
  echo "\$ ctdb local $*"
  "$ctdb" local "$@" "$cluster"
}
quietly_on() { # quietly_on NODE COMMAND...: the ctdb command as on that node
  local node=$1
  shift
  "$ctdb" --socket "$cluster/node.$node/run/transport.socket" "$@"
}
on() {
  echo "node $1\$ ctdb ${*:2}"
  quietly_on "$@"
}

say "A cluster of three nodes, each a real ctdbd with its own address and directory"
local_cluster setup -n 3
local_cluster start
on 0 wait --for active=3 --timeout 20
on 0 status

say "A client on node 0 sends a message to a client on node 2"
echo 'node 2$ ctdb message listen 4711 --count 1 &'
timeout 60 "$ctdb" --socket "$cluster/node.2/run/transport.socket" \
  message listen 4711 --count 1 >"$directory/heard" &
listener=$!
# Until the listener is there, sending says that nobody listens.
until quietly_on 0 message send 2 4711 "hello from node 0" 2>/dev/null; do
  kill -0 "$listener"
  sleep 0.05
done
echo 'node 0$ ctdb message send 2 4711 "hello from node 0"'
wait "$listener"
listener=
echo "node 2 heard: $(cat "$directory/heard")"
grep -q "hello from node 0" "$directory/heard"

say "A persistent database: a copy on each node's disk; a write is answered when all have it"
on 0 attach settings.tdb persistent
on 0 pstore settings.tdb motto "nothing is lost"
on 2 pfetch settings.tdb motto

leader=$(quietly_on 0 leader)
witness=$(((leader + 1) % 3))
say "Clients on all nodes count: mostly in a record of their own, now and then in a shared one"
for node in 0 1 2; do
  echo "node $node\$ shared_counters SOCKET 5 &"
  "$bin/examples/shared_counters/shared_counters" "$cluster/node.$node/run/transport.socket" 5 \
    >"$directory/counted.$node" 2>&1 &
  counters[node]=$!
done
# Until each has counted.
for node in 0 1 2; do
  until quietly_on "$witness" catdb counters 2>/dev/null | grep -q "node $node"; do
    kill -0 "${counters[node]}"
    sleep 0.05
  done
done

say "Meanwhile the leader, node $leader, crashes (kill -9); the others elect another one"
local_cluster kill "$leader"
crashed=$(date +%s%N)
# "UNKNOWN" while there is none.
until new_leader=$(quietly_on $witness leader) && [[ $new_leader =~ ^[0-9]+$ ]] &&
  [ "$new_leader" -ne "$leader" ]; do
  :
done
elected=$((($(date +%s%N) - crashed) / 1000000))
on $witness wait --for active=2 --timeout 20
on $witness status
on $witness why "$leader"
echo "Node $new_leader leads $elected ms after the crash"

say "The clients of the other nodes have gone on counting, and nothing they were told is lost"
for node in 0 1 2; do
  if [ "$node" -eq "$leader" ]; then
    wait "${counters[node]}" || true
  else
    wait "${counters[node]}" || {
      cat "$directory/counted.$node"
      exit 1
    }
  fi
  echo "node $node's client: $(cat "$directory/counted.$node")"
done
counters=()
on $witness readkey counters "all nodes"

say "The persistent database is there, and written while node $leader is away"
on $witness pfetch settings.tdb motto
on $witness pstore settings.tdb news "node $leader was away"

say "Node $leader comes back"
local_cluster start
on $witness wait --for active=3 --timeout 20
on "$leader" wait --for running --timeout 20
# It runs when the leader says so, which may be a moment before the third node has said hello.
until quietly_on "$leader" nodestatus all >/dev/null; do
  kill -0 "$(quietly_on "$leader" getpid)"
done
on "$leader" nodestatus all
on "$leader" pfetch settings.tdb news

say "What was seen"
cat <<END
Three daemons found each other from one list of addresses, elected a leader, and agreed on who is in
the cluster. A message went from a client through its node's transport, over the link, to a client
on another node. The crash of the leader was noticed at once by its closed link; its guardian told
the others that its clients had stopped, and they had a new one, after $elected ms. The node that
came back joined without taking over. Clients wrote records at the speed of memory while that
happened: those of the nodes that stayed went on, waited no longer than they say, and found every
increment that they were told of.
What was written to the persistent database before the crash was there after it, and the node that
came back got what it had missed.
END

if [ -n "$keep" ]; then
  touch "$directory/done"
  cat <<END

The cluster keeps running. To talk to node 0 (or 1, 2):
  $ctdb --socket $cluster/node.0/run/transport.socket status
  $ctdb local status $cluster
To stop it and remove its directory:
  $ctdb local destroy $cluster && rm -rf $directory
END
fi
