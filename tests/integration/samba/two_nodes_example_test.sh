#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# The example shows what it says, with two nodes and with three, and cleans up after Ctrl-C, too.
set -euo pipefail
[ "$(id -u)" -eq 0 ] || { echo "smbd needs root: skipped"; exit 0; }
export CTDB=$PWD/$1 CTDBD=$PWD/$2
example=examples/samba/two_nodes.sh
output=$TEST_TMPDIR/output

nothing_is_left() {
  local directory
  directory=$(grep -o -m1 '/tmp/ctdb-smb\.[A-Za-z0-9]*' "$output" | head -1)
  [ -n "$directory" ] && [ ! -e "$directory" ] && ! pgrep -f "$directory" && return
  cat "$output"
  echo "FAILED: $directory or processes with it are left"
  return 1
}

for options in "-n 2" "-n 3"; do
  # shellcheck disable=SC2086
  $example $options >"$output" 2>&1 || { cat "$output"; exit 1; }
  nothing_is_left
done

# In the middle, as Ctrl-C does: the signal is for all processes of the foreground.
setsid env --default-signal=INT "$example" --loopback >"$output" 2>&1 &
running=$!
until grep -q "Byte-range" "$output"; do
  kill -0 "$running" || { cat "$output"; exit 1; }
  sleep 0.05
done
kill -INT -- "-$running"
wait "$running" && exit 1
nothing_is_left
