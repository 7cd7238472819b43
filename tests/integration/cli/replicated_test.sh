#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Databases of which each node has a copy, from the command line, on three nodes that crash and
# come back.
source "$(dirname "$0")/cluster.sh"
start_cluster
all_agree
fetched() { [[ $(on "$1" ctdb pfetch "$2" "$3") == "$4" ]]; }
# everywhere DB KEY VALUE: on all nodes at once, without waiting.
everywhere() {
  for node in 0 1 2; do
    fetched "$node" "$@" || fail "$1 on $node: $2 is $(on "$node" ctdb pfetch "$1" "$2"), not $3"
  done
}
sequence() { on "$1" ctdb getdbseqnum kept.tdb; }
stores() { on "$1" ctdb -t 5 pstore "$2" "$3" "$4"; }

# They are on all nodes, and say what they are.
expect_silent on 0 ctdb attach kept.tdb persistent
expect_silent on 1 ctdb attach memory.tdb replicated
expect_silent on 1 ctdb attach counters.tdb
for node in 0 1 2; do
  until_true eval "on $node ctdb getdbmap | grep -q 'name:kept.tdb .* PERSISTENT\$'"
  until_true eval "on $node ctdb getdbmap | grep -q 'name:memory.tdb .* REPLICATED\$'"
done
expect 0 'PERSISTENT: yes' on 2 ctdb getdbstatus kept.tdb
expect 0 'REPLICATED: yes' on 0 ctdb getdbstatus memory.tdb
[[ $(on 0 ctdb getdbmap -X | grep -c '|1|0|0|0|0|$') -eq 1 ]] || fail 'getdbmap -X'
expect 1 'Failed to attach to DB kept.tdb' on 0 ctdb attach kept.tdb replicated

# One record: when the command ends, all nodes have it.
for database in kept.tdb memory.tdb; do
  expect_silent on 0 ctdb pstore $database colour blue
  everywhere $database colour blue
  expect_silent on 1 ctdb pstore $database colour 0x7265640a
  expect 0 'red' on 2 ctdb pfetch $database 0x636f6c6f7572
  expect_silent on 2 ctdb pdelete $database colour
  everywhere $database colour ''
  expect_silent on 2 ctdb pdelete $database colour
done
on 0 ctdb pstore kept.tdb json value
on 0 ctdb pfetch kept.tdb json --json | grep -q '"value": "value"' || fail 'pfetch --json'

# Several at once. What is no line is told and skipped.
out=$(printf '"a" "1"\nnonsense\n "0x62"\t"0x320a" behind\n"json" ""\n\n"c' |
  on 1 ctdb ptrans kept.tdb 2>&1) || fail "ptrans: $out"
[[ $out == $'Unsupported input format in nonsense\nUnmatched " in input "c' ]] ||
  fail "ptrans says: $out"
everywhere kept.tdb a 1
everywhere kept.tdb b 2
everywhere kept.tdb json ''
printf '"a" "3"\n"d" "4"\n' >"$base/changes"
expect_silent on 2 ctdb ptrans kept.tdb "$base/changes"
everywhere kept.tdb a 3
everywhere kept.tdb d 4
expect 1 'Failed to open file' on 2 ctdb ptrans kept.tdb "$base/none"

# What is so already is no change.
before=$(sequence 0)
[[ $before =~ ^0x[0-9a-f]+$ && $before != 0x0 ]] || fail "sequence: $before"
expect_silent on 0 ctdb ptrans kept.tdb "$base/changes"
expect_silent on 1 ctdb pstore kept.tdb a 3
[[ $(sequence 2) == "$before" ]] || fail "counted: $before $(sequence 2)"
expect_silent on 1 ctdb pstore kept.tdb a 4
[[ $(sequence 2) == $(printf '0x%x' $((before + 1))) ]] || fail "not counted: $(sequence 2)"

# All of them.
for command in 'catdb records' 'cattdb record(s)'; do
  expect 0 "Dumped 3 ${command#* }" on 1 ctdb "${command% *}" kept.tdb
done
expect 0 'key(1) = "b"' on 2 ctdb catdb kept.tdb
expect 0 'data(2) = "2\0A"' on 2 ctdb catdb kept.tdb
[[ $(on 0 ctdb catdb --json kept.tdb | wc -l) -eq 3 ]] || fail 'catdb --json'

# Only for those databases.
for command in 'pfetch counters.tdb a' 'pstore counters.tdb a 1' 'pdelete counters.tdb a' \
  'ptrans counters.tdb'; do
  # shellcheck disable=SC2086
  expect 1 'Transactions not supported on DB counters.tdb' on 0 ctdb $command </dev/null
done
expect 1 'DB kept.tdb is not a volatile database' on 0 ctdb readkey kept.tdb a

# Who is alone against each other: nothing is lost.
count() { # count NODE: adds ten records in ten transactions
  for i in 0 1 2 3 4 5 6 7 8 9; do stores "$1" kept.tdb "n$1.$i" "$i" || return 1; done
}
pids=()
for node in 0 1 2; do
  count $node &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || fail 'a transaction among others'; done
expect 0 'Dumped 33 records' on 0 ctdb catdb kept.tdb

# A node crashes: the others go on. It comes back and has what it missed.
expect_silent "$ctdb" local kill 2 "$base/c"
until_true stores 0 kept.tdb missed persistent
until_true stores 1 memory.tdb missed replicated
fetched 1 kept.tdb missed persistent || fail 'the other node has it not'
expect_silent on 0 ctdb pdelete kept.tdb d
expect_silent "$ctdb" local start "$base/c"
until_true fetched 2 kept.tdb missed persistent
until_true fetched 2 memory.tdb missed replicated
until_true fetched 2 kept.tdb d ''
everywhere kept.tdb n2.9 9
until_true stores 2 kept.tdb back again
everywhere kept.tdb back again

# A node that was away does not bring back what was wiped.
expect_silent "$ctdb" local kill 0 "$base/c"
until_true on 1 ctdb -t 5 wipedb kept.tdb
expect 0 'Database kept.tdb wiped' on 2 ctdb -t 5 wipedb kept.tdb
expect_silent on 2 ctdb pstore kept.tdb after wipe
expect_silent "$ctdb" local start "$base/c"
until_true fetched 0 kept.tdb after wipe
expect 0 'Dumped 1 records' on 0 ctdb catdb kept.tdb

# All nodes stop: what is on disk is there again, and what was in memory is not.
expect_silent "$ctdb" local stop "$base/c"
expect_silent "$ctdb" local start "$base/c"
on all ctdb wait --for running --timeout 20 >/dev/null || fail 'not running'
all_agree
for node in 0 1 2; do
  expect_silent on $node ctdb attach kept.tdb persistent
  until_true fetched $node kept.tdb after wipe
done
expect_silent on 0 ctdb attach memory.tdb replicated
until_true fetched 0 memory.tdb missed ''
until_true stores 1 memory.tdb colour green
everywhere memory.tdb colour green
echo PASS
