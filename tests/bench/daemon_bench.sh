#!/usr/bin/env bash
# How long a node takes from its start to ready, and how much memory it holds when idle.
#
#   bazel run --config=opt //tests/bench:daemon_bench
set -euo pipefail

ctdbd=$(realpath "$1")
rounds=${2:-20}
base=$(mktemp -d "${TMPDIR:-/tmp}/ctdb-bench.XXXXXX")
trap 'rm -rf "$base"' EXIT
mkdir -p "$base"/run "$base"/var/{volatile,persistent,state}
address=127.$((RANDOM % 200 + 20)).$((RANDOM % 250)).1
echo "$address" >"$base/nodes"
export CTDB_TEST_MODE=1 CTDB_BASE=$base

measure() { # measure MODEL
  printf '[logging]\nlocation = file:%s/log\n[daemon]\nprocess model = %s\n' "$base" "$1" \
    >"$base/ctdb.conf"
  local times=() memory=0 start pid
  for ((i = 0; i < rounds; ++i)); do
    start=$(date +%s%N)
    "$ctdbd" # Returns when the daemon in the background is ready.
    times+=($((($(date +%s%N) - start) / 1000)))
    pid=$(cat "$base/run/ctdbd.pid")
    if ((i == rounds - 1)); then
      memory=$(for p in "$pid" $(pgrep -P "$pid" || true); do cat "/proc/$p/status"; done |
        awk '/^VmRSS/ { sum += $2 } END { printf "%.1f", sum / 1024 }')
    fi
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null && [ -e "$base/run/ctdbd.pid" ]; do sleep 0.01; done
  done
  mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
  printf 'start to ready, %-6s p50 %6.1f ms  max %6.1f ms (bar 300)   idle %s MB resident (bar 30)\n' \
    "$1:" "$(awk "BEGIN { print ${times[rounds / 2]} / 1000 }")" \
    "$(awk "BEGIN { print ${times[rounds - 1]} / 1000 }")" "$memory"
}

measure single
measure multi
