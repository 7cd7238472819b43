#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# "ctdb db check" on three nodes: silent about databases that change all the time, and not about
# what is wrong.
source "$(dirname "$0")/cluster.sh"
plant_fault=$PWD/$3
start_cluster
all_agree
expect_silent on 0 ctdb attach kept.tdb persistent
expect_silent on 0 ctdb attach moving.tdb
for node in 0 1 2; do until_true eval "on $node ctdb getdbmap | grep -q kept.tdb"; done
expect 0 'Database moving.tdb: 0 record(s) on 3 node(s): nothing is wrong' on 1 ctdb db check

# Under load.
writes() {
  local i=0
  while [[ ! -e $base/enough ]]; do
    i=$((i + 1))
    on "$1" ctdb writekey moving.tdb "key $((i % 5))" "$i" || return 1
    on "$1" ctdb writekey moving.tdb "own $1 $i" "$i" || return 1
    on "$1" ctdb pstore kept.tdb "key $1" $i || return 1
  done
}
pids=()
for node in 0 1 2; do
  writes $node &
  pids+=($!)
done
until_true eval "[[ \$(on 0 ctdb pfetch kept.tdb 'key 2') -gt 1 ]]"
for i in 1 2 3 4 5 6; do
  out=$(on $((i % 3)) ctdb db check 2>&1) || fail "a false alarm: $out"
  [[ $(grep -c 'on 3 node(s): nothing is wrong' <<<"$out") -eq 2 ]] || fail "says: $out"
done
# Also when a new epoch begins.
expect_silent on 0 ctdb recover
all_agree
expect 0 'nothing is wrong' on 0 ctdb db check moving.tdb
touch "$base/enough"
for pid in "${pids[@]}"; do wait "$pid" || fail 'a writer'; done
expect 0 'nothing is wrong' on 2 ctdb db check moving.tdb
expect 1 "No database matching 'none' found" on 0 ctdb db check none

# A node claims a record that another one owns; another fault is a newer copy than the owner's.
expect_silent on 0 ctdb writekey moving.tdb stolen right
expect_silent on 0 ctdb writekey moving.tdb newer right
path=$(on 1 ctdb getdbstatus moving.tdb | sed -n 's/^path: //p')
epoch=$(epoch_of 1)
expect_silent "$plant_fault" "$path" 1 "$epoch" 1000 stolen wrong
expect_silent "$plant_fault" "$path" 2 "$epoch" 1000 newer wrong
expect 1 'moving.tdb: key stolen: nodes 0, 1 all own it; the newest copy is that of node 1' \
  on 2 ctdb db check
expect 1 'moving.tdb: key newer: node 1 has a newer copy than its owner, node 0' \
  on 0 ctdb db check moving.tdb
expect 1 'Database kept.tdb: 3 record(s) on 3 node(s): nothing is wrong' on 2 ctdb db check
on 0 ctdb db check --json >"$base/json"
python3 -c '
import json, sys
databases = {d["database"]: d for d in json.load(open(sys.argv[1]))["databases"]}
problems = databases["moving.tdb"]["problems"]
assert {p["key"] for p in problems} == {"stolen", "newer"}, problems
assert all(p["advice"] for p in problems)
assert not databases["kept.tdb"]["problems"]' "$base/json" || fail 'JSON'

# A restore that has not ended.
expect_silent on 0 ctdb pstore kept.tdb __ctdb_restore_not_finished__ x
expect 1 'a restore has not ended' on 0 ctdb db check kept.tdb
expect 1 'a restore of database kept.tdb has not ended' on 0 ctdb backupdb kept.tdb "$base/half"
[[ ! -e $base/half ]] || fail 'half a backup'
echo PASS
