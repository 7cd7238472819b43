#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Three nodes whose databases are on file systems that become full. What makes a database larger is
# refused while there is room left for the rest, and all goes on when there is room again.
if [ -z "${IN_NAMESPACE:-}" ]; then
  IN_NAMESPACE=1 exec unshare --mount --map-root-user "$0" "$@"
fi
source "$(dirname "$0")/cluster.sh"

"$ctdb" local setup "$base/c" || fail "setup"
for n in 0 1 2; do
  sed -i 's/^\[database\]$/[database]\n\tvolatile database memory = 4/' "$base/c/node.$n/ctdb.conf"
  grep -q 'volatile database memory = 4' "$base/c/node.$n/ctdb.conf" || fail "configuration"
  mount -t tmpfs -o size=32m none "$base/c/node.$n/db/persistent" || fail "mount"
  mount -t tmpfs -o size=24m none "$base/c/node.$n/db/volatile" || fail "mount"
done
"$ctdb" local start "$base/c" || fail "start"
clean_up() {
  "$ctdb" local stop "$base/c" >/dev/null 2>&1
  umount "$base"/c/node.*/db/persistent "$base"/c/node.*/db/volatile
  "$ctdb" local destroy "$base/c" >/dev/null 2>&1
  rm -rf "$base"
}
trap clean_up EXIT
on all ctdb wait --for running --timeout 20 >/dev/null || fail "not running"
all_agree
expect_silent on 0 ctdb attach kept.tdb persistent
for node in 0 1 2; do until_true eval "on $node ctdb getdbmap | grep -q kept.tdb"; done

value=$(head -c 50000 /dev/zero | tr '\0' x)
stores() { on "$1" ctdb -t 20 pstore kept.tdb "$2" "$3"; }
# A large transaction that there is no room for on a disk that has some left: refused at once, and
# not when its client's time is over.
large=$(head -c 600000 /dev/zero | tr '\0' x)
for i in $(seq 1 20); do echo "\"large$i\" \"$large\""; done >"$base/large"
on 1 ctdb -t 500 ptrans kept.tdb <"$base/large" >"$base/refused" 2>&1 && fail "12 MB were taken"
grep -q 'too little for a transaction of 117[0-9]* KiB; free some space' "$base/refused" ||
  fail "refused with: $(cat "$base/refused")"
[[ $(on 0 ctdb pfetch kept.tdb large1) == "" ]] || fail "refused, and there"

# Until it is refused: the number of the first that was.
fill() { # fill COMMAND...: is given a number
  local i
  for i in $(seq 1 2000); do
    "$@" "$i" >"$base/refused" 2>&1 || break
  done
  echo "$i"
}
big() { stores $(($1 % 3)) "big$1" "$value"; }

# All of them.
count=$(fill big)
[[ $count -gt 20 && $count -lt 2000 ]] || fail "refused at $count: $(cat "$base/refused")"
grep -q 'cannot become larger: node [0-2] has [0-9]* KiB left' "$base/refused" ||
  fail "refused with: $(cat "$base/refused")"
grep -q 'nothing was changed' "$base/refused" || fail "refused with: $(cat "$base/refused")"
for node in 0 1 2; do
  [[ $(on $node ctdb pfetch kept.tdb big1) == "$value" ]] || fail "cannot be read on $node"
  [[ $(on $node ctdb pfetch kept.tdb "big$count") == "" ]] || fail "refused, and there on $node"
done
expect_silent stores 1 big1 "${value/x/y}" # No larger than before.
for i in $(seq 1 2 "$((count - 1))"); do
  expect_silent on $((i % 3)) ctdb pdelete kept.tdb "big$i"
done
stores_after() { stores 2 after "$value"; }
until_true stores_after

"$ctdb" local log "$base/c" | grep -q 'kept.tdb has less than 8 MiB left for this node' ||
  fail "the log does not say so"

# One node's, by something else. It has its reserve, and the others wait for nobody.
disk=$base/c/node.1/db/persistent
cat /dev/zero >"$disk/other" 2>/dev/null
more() { stores $(($1 % 3)) "more$1" "$value"; }
count=$(fill more)
[[ $count -lt 2000 ]] || fail "never refused"
for text in 'cannot become larger: node 1 has' "$disk"; do
  grep -q "$text" "$base/refused" || fail "no $text in: $(cat "$base/refused")"
done
for node in 0 1 2; do
  [[ $(on $node ctdb pfetch kept.tdb after) == "$value" ]] || fail "cannot be read on $node"
done
expect_silent on 0 ctdb pdelete kept.tdb after
rm "$disk/other"
stores_last() { stores 0 last "$value"; }
until_true stores_last
for node in 0 1 2; do
  [[ $(on $node ctdb pfetch kept.tdb last) == "$value" ]] || fail "not there on $node"
done
until_true eval "on 0 ctdb db check | grep -qi 'kept.tdb'"
expect 0 '' on 0 ctdb db check

# Records that move: what one node has no room for others still get from it.
expect_silent on 0 ctdb attach moving.tdb
until_true eval "on 1 ctdb getdbmap | grep -q moving.tdb"
moving() { on 0 ctdb -t 10 writekey moving.tdb "key$1" "$value"; }
count=$(fill moving)
[[ $count -gt 20 && $count -lt 2000 ]] || fail "moving refused at $count: $(cat "$base/refused")"
grep -qi 'full\|no space\|room' "$base/refused" || fail "refused with: $(cat "$base/refused")"
expect 0 "$value" on 0 ctdb readkey moving.tdb key1
expect 0 "$value" on 1 ctdb -t 10 readkey moving.tdb key2
expect 0 '' on 1 ctdb -t 10 writekey moving.tdb key3 short
expect 0 '' on 0 ctdb -t 10 deletekey moving.tdb key4
echo "full disks: refused, read, given away, and gone on"
