#!/usr/bin/env bash
# ctdb-bench starts Debian's ctdb, measures something with a right result, and leaves no process and
# no file behind, also when it is interrupted.
set -euo pipefail

bench=$(realpath "$1")
options=(--only=peer)
chrt -f 1 true 2>/dev/null || options+=(--peer_realtime=false) # Without the right to it.
directory=$(mktemp -d /tmp/ctdb-bench.XXXXXX) # Paths of sockets must be short.
pid=
cleanup() {
  [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true
  rm -rf "$directory" "$directory.out"
}
trap cleanup EXIT

fail() {
  echo "FAILED: $*" >&2
  cat "$directory.out" >&2 || true
  exit 1
}
run() {
  timeout 60 "$bench" --directory="$directory" --seconds=0.2 --rounds=1 "$@" \
    >"$directory.out" 2>&1
}

# Of this user's processes those whose environment has the directory: daemons and their helpers.
left_processes() { grep -lzs "CTDB_BASE=$directory" /proc/[0-9]*/environ || true; }
nothing_is_left() {
  [ -z "$(left_processes)" ] || fail "processes are left: $(left_processes)"
  [ -z "$(ls -A "$directory")" ] || fail "files are left: $(ls -A "$directory")"
}

run "${options[@]}" nonsense && fail "a workload that is none is accepted"
grep -q 'no workload "nonsense"' "$directory.out" || fail "no reason is given"

run "${options[@]}" migrate contended message || fail "the benchmark fails"
for line in 'one record round the nodes .*/s' 'a hop, median .* us' \
  'one record, clients of all nodes .*/s' 'ring, 8 tokens .*/s' 'one way .*/s'; do
  grep -Eq "$line" "$directory.out" || fail "no line \"$line\""
done
nothing_is_left

"$bench" --directory="$directory" "${options[@]}" attach >"$directory.out" 2>&1 &
pid=$!
until [ "$(left_processes | wc -l)" -ge 3 ]; do
  kill -0 "$pid" || fail "it ends by itself"
  sleep 0.05
done
kill -TERM "$pid"
wait "$pid" && fail "it says that all is well after an interrupt"
pid=
grep -q interrupted "$directory.out" || fail "it does not say that it was interrupted"
nothing_is_left
echo PASSED
