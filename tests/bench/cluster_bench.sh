#!/usr/bin/env bash
# How long it takes until a crashed or frozen node is noticed and a leader replaced, and how late
# the cluster service's ticks are while other programs want every processor.
#
#   bazel run --config=opt //tests/bench:cluster_bench
set -euo pipefail

ctdb=$(realpath "$1")
CTDBD=$(realpath "$2")
export CTDBD
rounds=${3:-10}
base=$(mktemp -d /tmp/ctdb-bench.XXXXXX)
hogs=()
cleanup() {
  [ ${#hogs[@]} -eq 0 ] || kill "${hogs[@]}" 2>/dev/null || true
  "$ctdb" local destroy "$base/c" >/dev/null 2>&1 || true
  rm -rf "$base"
}
trap cleanup EXIT

on() { "$ctdb" --socket "$base/c/node.$1/run/transport.socket" "${@:2}"; }

settle() {
  for node in 0 1 2; do
    on $node wait --for active=3 --timeout 30
    on $node wait --for recovered --timeout 30
  done
}

# logged_after NODE SINCE TEXT: microseconds from SINCE to the next log line with the text.
logged_after() {
  local deadline=$((SECONDS + 30)) line
  while [ $SECONDS -lt $deadline ]; do
    while read -r stamp line; do
      local at
      at=$(date -d "$stamp" +%s%6N)
      if [ "$at" -ge "$2" ]; then
        echo $((at - $2))
        return
      fi
    done < <(grep -E "$3" "$base/c/node.$1/log.ctdb" | tail -3)
    sleep 0.05
  done
  echo "never logged on node $1: $3" >&2
  exit 1
}

# report NAME BAR VALUES...: median and largest, of microseconds.
report() {
  printf '%s\n' "${@:3}" | sort -n | awk -v name="$1" -v bar="$2" '{ v[NR] = $1 / 1000 }
    END { printf "%-52s p50 %8.1f ms  max %8.1f ms  (bar %s)\n", name, v[int((NR + 1) / 2)], v[NR],
          bar }'
}

"$ctdb" local setup -n 3 "$base/c"
"$ctdb" local start "$base/c"
settle

noticed=() elected=() silent=() replaced=()
for ((i = 0; i < rounds; ++i)); do
  leader=$(on 0 leader)
  since=$(date +%s%6N)
  "$ctdb" local kill "$leader" "$base/c"
  for node in 0 1 2; do
    [ $node -eq "$leader" ] ||
      noticed+=("$(logged_after $node "$since" "Node $leader is DISCONNECTED")")
  done
  other=$(((leader + 1) % 3))
  elected+=("$(logged_after $other "$since" 'Epoch .* begins')")
  "$ctdb" local start "$base/c"
  settle
done
for ((i = 0; i < 3; ++i)); do
  leader=$(on 0 leader)
  since=$(date +%s%6N)
  "$ctdb" local pause "$leader" "$base/c"
  for node in 0 1 2; do
    [ $node -eq "$leader" ] ||
      silent+=("$(logged_after $node "$since" "Node $leader is DISCONNECTED")")
  done
  other=$(((leader + 1) % 3))
  replaced+=("$(logged_after $other "$since" 'Epoch .* begins')")
  "$ctdb" local resume "$leader" "$base/c"
  settle
done
report "crashed daemon noticed by the others" "50 ms" "${noticed[@]}"
report "crashed leader replaced, new epoch begun" "1 s" "${elected[@]}"
report "frozen host noticed by the others" "3 s" "${silent[@]}"
report "frozen leader replaced, new epoch begun" "" "${replaced[@]}"

latest_tick() { # the latest tick of the three nodes within ten seconds, in microseconds
  for node in 0 1 2; do on $node statisticsreset; done
  sleep 10
  for node in 0 1 2; do
    on $node statistics | sed -n 's/.*cluster.latest_tick_us *\([0-9]*\).*/\1/p'
  done | sort -n | tail -1
}
idle=$(latest_tick)
for ((i = 0; i < 2 * $(nproc); ++i)); do
  sh -c 'while :; do :; done' &
  hogs+=($!)
done
busy=$(latest_tick)
kill "${hogs[@]}"
hogs=()
awk -v idle="$idle" -v busy="$busy" 'BEGIN {
  printf "%-52s idle %7.1f ms  busy %7.1f ms  (bar 10 ms)\n",
    "latest tick in 10 s, three nodes, two hogs a processor", idle / 1000, busy / 1000 }'
