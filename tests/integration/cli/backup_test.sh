#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Backups of databases that programs write to, and what they bring back, on three nodes.
source "$(dirname "$0")/cluster.sh"
older_tools=$PWD/tests/backup/testdata/ctdb_4.17.backup
start_cluster
all_agree
cd "$base" || exit 1
dumped() { on "$1" ctdb db dump "$2" | grep -v '^#' | LC_ALL=C sort; }
in_backup() { "$ctdb" dumpdbbackup "$1" | sed -n 's/^Dumped \([0-9]*\) record(s)$/\1/p'; }
value_in() {
  "$ctdb" dumpdbbackup "$1" | grep -A4 "^key.* = \"$2\"\$" | sed -n 's/^data.*"\(.*\)"$/\1/p'
}
# No half file is left.
no_rest() { ! compgen -G "$base/*.partial.*" >/dev/null || fail "left behind: $(ls "$base")"; }

expect_silent on 0 ctdb attach kept.tdb persistent
expect_silent on 0 ctdb attach small.tdb replicated
expect_silent on 0 ctdb attach moving.tdb
for node in 0 1 2; do until_true eval "on $node ctdb getdbmap | grep -q kept.tdb"; done

# More than a packet holds.
for part in 0 1 2 3; do
  for i in $(seq 0 499); do printf '"key %d.%d" "%0500d"\n' "$part" "$i" "$i"; done >"$base/lines"
  until_true on 0 ctdb ptrans kept.tdb "$base/lines"
done
expect_silent on 1 ctdb pstore small.tdb 0x00ff22 0x0a5c
expect_silent on 2 ctdb pstore small.tdb colour blue

# A program changes two records at once, all the time: a backup never has one of two.
writes() {
  local i=0
  while [[ ! -e $base/enough ]]; do
    i=$((i + 1))
    printf '"left" "%d"\n"right" "%d"\n' $i $i | on 1 ctdb ptrans kept.tdb || return 1
  done
}
moves() {
  local i=0
  while [[ ! -e $base/enough ]]; do
    i=$((i + 1))
    on $((i % 3)) ctdb writekey moving.tdb busy $i || return 1
    on $(((i + 1) % 3)) ctdb writekey moving.tdb also $i || return 1
  done
}
for i in $(seq 0 49); do
  on $((i % 3)) ctdb writekey moving.tdb "rest $i" "value $i" || fail write
done
on 0 ctdb writekey moving.tdb gone x && on 1 ctdb deletekey moving.tdb gone || fail 'delete'
on 1 ctdb writekey moving.tdb busy 0 && on 2 ctdb writekey moving.tdb also 0 || fail 'write'
writes &
writer=$!
moves &
mover=$!
until_true eval "[[ \$(on 0 ctdb pfetch kept.tdb left) -gt 1 ]]"
for i in 1 2 3; do
  expect 0 "Database backed up to $base/kept.$i" on 2 ctdb backupdb kept.tdb "$base/kept.$i"
  [[ $(in_backup "$base/kept.$i") -eq 2002 ]] || fail "kept.$i has $(in_backup "$base/kept.$i")"
  left=$(value_in "$base/kept.$i" left)
  [[ -n $left && $left == "$(value_in "$base/kept.$i" right)" ]] ||
    fail "half a transaction: $left $(value_in "$base/kept.$i" right)"
  expect 0 'Database backed up to' on $((i % 3)) ctdb backupdb moving.tdb "$base/moving.$i"
  records=$(in_backup "$base/moving.$i")
  [[ $records -eq 52 ]] || fail "moving.$i has $records"
done
expect 0 'kept.tdb    persistent     2002' on 1 ctdb db backup "$base/all/"
touch "$base/enough"
wait $writer || fail 'the writer'
wait $mover || fail 'the mover'
no_rest
[[ $(stat -c %a "$base/kept.1") == 600 ]] || fail 'others may read a backup'
for name in kept moving small; do
  [[ -s $base/all/$name.tdb.backup ]] || fail "no $name in $(ls "$base/all")"
done
expect 1 'it is there already' on 0 ctdb db backup "$base/all"
[[ $(on 0 ctdb db backup "$base/json" --json | python3 -c \
  'import json, sys; print(len(json.load(sys.stdin)["backups"]))') -eq 3 ]] || fail 'JSON'

# Wiped, and back. The dry run says before what changes.
expect 0 'Database backed up to' on 0 ctdb backupdb kept.tdb "$base/kept"
expect 0 'Database backed up to' on 0 ctdb backupdb moving.tdb "$base/moving"
for name in kept moving; do dumped 0 $name.tdb >"$base/$name.before"; done
expect 0 '0 record(s) added, 0 changed, 0 removed; 2002 stay' \
  on 0 ctdb restoredb --dry-run "$base/kept"
expect_silent on 0 ctdb pdelete kept.tdb 'key 0.1'
expect_silent on 0 ctdb pstore kept.tdb 'key 0.2' other
expect_silent on 0 ctdb pstore kept.tdb 0x00 new
expect 0 $'+ "key 0.1"\n' on 1 ctdb restoredb -v --dry-run "$base/kept"
expect 0 $'~ "key 0.2"\n' on 1 ctdb restoredb -v --dry-run "$base/kept"
expect 0 $'- "\\00"\n' on 1 ctdb restoredb -v --dry-run "$base/kept"
expect 0 '1 record(s) added, 1 changed, 1 removed; 2000 stay' \
  on 2 ctdb restoredb --dry-run "$base/kept"
# What differs is little: one transaction.
on 2 ctdb restoredb "$base/kept" --json | grep -q '"atOnce": true' || fail 'not at once'
for node in 0 1 2; do
  [[ $(dumped $node kept.tdb) == "$(cat "$base/kept.before")" ]] || fail "other records on $node"
done
for name in kept moving; do
  expect 0 "Database $name.tdb wiped" on 1 ctdb wipedb $name.tdb
  out=$(on 0 ctdb restoredb "$base/$name" 2>"$base/errors") || fail "restore: $(cat "$base/errors")"
  begin="Restoring database $name.tdb from backup @ "
  [[ $out =~ ^"$begin"[0-9/]+" "[0-9:]+$'\n'"Database $name.tdb restored"$ ]] ||
    fail "restoredb says: $out"
  for node in 0 1 2; do
    [[ $(dumped $node $name.tdb) == "$(cat "$base/$name.before")" ]] || fail "$name on $node"
  done
done
# Larger than a packet, and still one transaction.
on 1 ctdb wipedb kept.tdb >/dev/null
on 0 ctdb restoredb "$base/kept" --json | grep -q '"atOnce": true' || fail 'not at once'
expect 0 'Dumped 2002 records' on 1 ctdb catdb kept.tdb

# Into another database, which is made.
expect 0 'there is none yet' on 0 ctdb restoredb --dry-run "$base/all/small.tdb.backup" new.tdb
expect 1 'No database matching' on 0 ctdb getdbstatus new.tdb
expect 0 'Database new.tdb restored' on 0 ctdb restoredb "$base/all/small.tdb.backup" new.tdb
[[ $(dumped 2 new.tdb) == "$(dumped 1 small.tdb)" ]] || fail 'new.tdb'
expect 0 'REPLICATED: yes' on 1 ctdb getdbstatus new.tdb
expect 0 'Database newer.tdb restored' on 0 ctdb restoredb "$base/moving" newer.tdb
[[ $(dumped 0 newer.tdb) == "$(cat "$base/moving.before")" ]] || fail 'newer.tdb'

# A backup that Debian's ctdb has written.
expect 0 'Database old.tdb restored' on 0 ctdb restoredb "$older_tools"
expect 0 'Dumped 2 records' on 1 ctdb catdb old.tdb
expect 0 'data(4) = "blue"' on 1 ctdb catdb old.tdb
expect 0 'Dumped 4 record(s)' "$ctdb" dumpdbbackup "$older_tools"

# What is no backup, or not all of one, changes nothing.
head -c 5000 "$base/kept" >"$base/cut"
expect 1 'bytes are missing' on 0 ctdb restoredb "$base/cut"
expect 1 'Failed to restore database kept.tdb' on 0 ctdb restoredb "$base/cut"
expect 1 'this is no backup' on 0 ctdb restoredb "$base/lines"
expect 1 'Failed to read db header from file' "$ctdb" dumpdbbackup "$base/none"
expect 0 'Dumped 2002 records' on 1 ctdb catdb kept.tdb
expect 1 'Failed to open file' on 0 ctdb backupdb kept.tdb "$base/none/file"
expect 1 'no regular file' on 0 ctdb backupdb kept.tdb /dev/null
# A full file system leaves the older backup.
cp "$base/kept" "$base/older"
(
  ulimit -f 100
  trap '' XFSZ
  on 0 ctdb backupdb kept.tdb "$base/older"
) >"$base/out" 2>&1 && fail 'a full file system'
grep -q 'Failed to write records to backup file' "$base/out" || fail "says: $(cat "$base/out")"
cmp "$base/kept" "$base/older" || fail 'the older backup is another one'
no_rest

# As text, and back.
expect_silent on 0 ctdb db dump kept.tdb "$base/text"
grep -q '^"key 0.1" = "' "$base/text" || fail 'no text'
expect 0 'wiped' on 0 ctdb wipedb kept.tdb
expect 0 'Database kept.tdb loaded: 2002 record(s)' on 2 ctdb db load kept.tdb "$base/text"
[[ $(dumped 1 kept.tdb) == "$(cat "$base/kept.before")" ]] || fail 'loaded'
printf '"a" = "1"\n"b" "2"\n' >"$base/bad"
expect 1 "$base/bad:2: column 5" on 0 ctdb db load small.tdb "$base/bad"
expect 0 'Dumped 2 records' on 0 ctdb catdb small.tdb
printf '"a" = "1"\n# more\n"\\00\\FF\\22" = "x"\n' >"$base/good"
expect 0 '1 record(s) added, 1 changed, 0 removed; 0 stay' \
  on 0 ctdb db load --dry-run small.tdb "$base/good"
expect 0 '1 record(s) added, 1 changed, 1 removed; 0 stay' \
  on 0 ctdb db load --dry-run --replace small.tdb "$base/good"
expect 0 'loaded' on 0 ctdb db load small.tdb "$base/good"
expect 0 'Dumped 3 records' on 1 ctdb catdb small.tdb
expect 0 'loaded' on 0 ctdb db load --replace small.tdb "$base/good"
expect 0 'Dumped 2 records' on 1 ctdb catdb small.tdb
expect 0 'loaded' on 0 ctdb db load moving.tdb "$base/good"
expect 0 'Data: size:1 ptr:[1]' on 2 ctdb readkey moving.tdb a

# TDB files of other programs, and for them.
in_tdb() { tdbdump "$1" | LC_ALL=C sort; }
tool() { printf '%s\n' "$@" | tdbtool >/dev/null || fail "tdbtool $*"; }
tool "create $base/plain.tdb" 'store colour\00 green' 'store 0xnumber one'
expect 0 'loaded' on 0 ctdb db load --replace small.tdb /dev/null
expect 0 '2 record(s) added, 0 changed, 0 removed' \
  on 0 ctdb db import --dry-run small.tdb "$base/plain.tdb"
expect 0 'Database small.tdb imported: 2 record(s)' on 1 ctdb db import small.tdb "$base/plain.tdb"
expect 0 '"colour\00" = "green"' on 2 ctdb db dump small.tdb
expect 0 'exported to' on 2 ctdb db export small.tdb "$base/out.tdb"
[[ $(in_tdb "$base/out.tdb") == "$(in_tdb "$base/plain.tdb")" ]] ||
  fail "other records: $(tdbdump "$base/out.tdb")"
# With CTDB's headers, as its own files have them.
expect 0 'exported to' on 2 ctdb db export small.tdb "$base/small.tdb.0"
expect 0 $'dmaster: 0\nrsn: 1\nflags: 0x00000000\ndata(3) = "one"' \
  "$ctdb" tfetch "$base/small.tdb.0" 0x30786e756d626572
expect_silent "$ctdb" tstore "$base/small.tdb.0" added 0x00 7 2 0x10000
expect 0 $'dmaster: 2\nrsn: 7\nflags: 0x00010000 MIGRATED_WITH_DATA\ndata(1) = "\\00"' \
  "$ctdb" tfetch "$base/small.tdb.0" added "$base/raw"
[[ $(stat -c %s "$base/raw") -eq 25 ]] || fail 'raw record'
expect_silent "$ctdb" tstore "$base/small.tdb.0" deleted ''
expect 1 'No record for key none' "$ctdb" tfetch "$base/small.tdb.0" none
expect 1 'Invalid record for key 0x636f' "$ctdb" tfetch "$base/plain.tdb" 0x636f6c6f757200
expect 1 'Failed to open TDB file' "$ctdb" tfetch "$base/kept" a
expect 1 'Failed to open TDB file' "$ctdb" tstore "$base/none.tdb" a b
expect 0 '1 record(s) written' on 0 ctdb db import small.tdb "$base/small.tdb.0"
expect 0 'Dumped 3 records' on 1 ctdb catdb small.tdb
expect 1 'less than a header' on 0 ctdb db import --with-headers small.tdb "$base/plain.tdb"
expect 1 'it is no TDB file' on 0 ctdb db import small.tdb "$base/kept"
expect 0 'Dumped 3 records' on 1 ctdb catdb small.tdb
no_rest
echo PASS
