#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Databases and their records, from the command line, on three nodes.
source "$(dirname "$0")/cluster.sh"
holder=$PWD/$3
start_cluster
all_agree
socket=("$base"/c/node.{0,1,2}/run/transport.socket)
is_held() { on "$1" ctdb db locks | grep -q process; }

# No database yet.
expect 0 'Number of databases:0' on 0 ctdb getdbmap
expect 1 'has no databases' on 0 ctdb readkey none key

# attach: on all nodes when it returns.
expect_silent on 0 ctdb attach counters.tdb
for node in 0 1 2; do
  expect 0 'name:counters.tdb path:' on "$node" ctdb getdbmap
done
expect_silent on 1 ctdb attach counters.tdb
expect 0 'stay on a node for a while' on 2 ctdb attach second.tdb sticky
expect 1 'Failed to attach to DB counters.tdb' on 0 ctdb attach counters.tdb persistent
expect_silent on 0 ctdb attach second.tdb readonly
expect 0 'second.tdb.1 READONLY' on 1 ctdb getdbmap
expect 1 'Usage' on 0 ctdb attach counters.tdb wrong
expect 1 'Usage' on 0 ctdb attach
expect 1 'Failed to attach to DB a/b' on 0 ctdb attach a/b
expect 1 'Node cannot be specified for command attach' on 0 ctdb attach counters.tdb -n 1
expect 0 'Number of databases:2' on 1 ctdb getdbmap

# What there is.
id=$(on 0 ctdb getdbstatus counters.tdb | sed -n 's/^dbid: //p')
[[ $id =~ ^0x[0-9a-f]{8}$ ]] || fail "id: $id"
upper=${id#0x}
expect 0 "|0x${upper^^}|counters.tdb|" on 0 ctdb getdbmap -X -n 2
[[ $(on 0 ctdb getdbmap -X | head -1) == \
  '|ID|Name|Path|Persistent|Sticky|Unhealthy|Readonly|Replicated|' ]] || fail 'header of getdbmap'
on 0 ctdb getdbmap --json | python3 -m json.tool >/dev/null || fail 'JSON of getdbmap'
expect 0 'name: counters.tdb' on 0 ctdb getdbstatus "$id" -n 1
[[ $(on 0 ctdb getdbstatus "$id" | wc -l) -eq 8 ]] || fail 'getdbstatus'
[[ $(on 0 ctdb getdbseqnum counters.tdb 2>/dev/null) == 0x0 ]] || fail 'getdbseqnum'
expect 0 'not counted' on 0 ctdb getdbseqnum counters.tdb
expect 0 'records in demand' on 0 ctdb setdbsticky counters.tdb
expect_silent on 0 ctdb setdbreadonly second.tdb
expect 0 'READONLY: yes' on 2 ctdb getdbstatus second.tdb

# Databases that are none.
for command in getdbstatus getdbseqnum dbstatistics setdbreadonly setdbsticky catdb cattdb wipedb \
  'readkey counter.tdb key' 'writekey counter.tdb key v' 'deletekey counter.tdb key'; do
  [[ $command == *' '* ]] || command="$command counter.tdb"
  # shellcheck disable=SC2086
  expect 1 "No database matching 'counter.tdb' found" on 0 ctdb $command
  # shellcheck disable=SC2086
  expect 1 'Did you mean "counters.tdb"? Node 0 has counters.tdb, second.tdb' on 0 ctdb $command
done
expect 1 "No database matching '0x1' found" on 0 ctdb catdb 0x1
for command in getdbstatus getdbseqnum dbstatistics setdbreadonly setdbsticky catdb cattdb \
  detach 'readkey counters.tdb' 'writekey counters.tdb key' 'deletekey counters.tdb'; do
  # shellcheck disable=SC2086
  expect 1 'Usage' on 0 ctdb $command
done

# Records, written on one node and read on the others.
expect_silent on 0 ctdb writekey counters.tdb visitors 42
for node in 1 2 0; do
  expect 0 'Data: size:2 ptr:[42]' on "$node" ctdb readkey counters.tdb visitors
done
expect 0 'Data: size:2 ptr:[42]' on 1 ctdb readkey "$id" 0x76697369746f7273 readonly
expect_silent on 2 ctdb writekey counters.tdb 0x00ff22 0x0a5c
expect 0 'Data: size:2 ptr:[\0A\5C]' on 1 ctdb readkey counters.tdb 0x00ff22
expect 0 'Data: size:0 ptr:[]' on 1 ctdb readkey counters.tdb nobody
on 1 ctdb readkey counters.tdb 0x00ff22 --json | grep -q '"key": "0x00ff22"' || fail 'JSON key'
expect 22 'contains odd number of hex digits' on 0 ctdb readkey counters.tdb 0x123
expect 22 'Failed to parse key 0x123' on 0 ctdb readkey counters.tdb 0x123
expect 22 'Invalid hex: zz' on 0 ctdb writekey counters.tdb key 0x12zz
expect 22 'Failed to parse value 0x12zz' on 0 ctdb writekey counters.tdb key 0x12zz
expect 22 'a key has 1 to 65536' on 0 ctdb readkey counters.tdb "$(printf 'k%.0s' {1..65537})"
expect 1 'Usage' on 0 ctdb readkey counters.tdb key wrong

# All of them.
expect_silent on 1 ctdb writekey counters.tdb gone x
expect_silent on 0 ctdb deletekey counters.tdb gone
expect_silent on 0 ctdb deletekey counters.tdb nobody
expect 0 'Dumped 2 records' on 0 ctdb catdb counters.tdb
for node in 0 1 2; do
  [[ $(on "$node" ctdb catdb counters.tdb | grep -A4 'key(8) = "visitors"' | tail -1) == \
    'data(2) = "42"' ]] || fail "catdb on node $node"
done
expect 0 'key(3) = "\00\FF\22"' on 0 ctdb catdb counters.tdb
expect 0 'dmaster: ' on 0 ctdb catdb counters.tdb
expect 0 'owned: yes' on 0 ctdb catdb -v counters.tdb
expect 0 '|0x76697369746f7273|' on 0 ctdb catdb -X counters.tdb
[[ $(on 0 ctdb catdb --json counters.tdb | wc -l) -eq 2 ]] || fail 'catdb --json'
on 0 ctdb catdb --json counters.tdb | head -1 | python3 -m json.tool >/dev/null ||
  fail 'JSON of a record'
# Node 2 has an old copy of what node 0 owns.
expect 0 'key(8) = "visitors"' on 2 ctdb cattdb counters.tdb
expect 0 'record(s)' on 2 ctdb cattdb counters.tdb
expect 0 'owned: no' on 2 ctdb cattdb -v counters.tdb

# Copies to read.
expect_silent on 0 ctdb writekey second.tdb news now
expect 0 'ptr:[now]' on 1 ctdb readkey second.tdb news readonly
expect 0 'RO_HAVE_READONLY' on 1 ctdb cattdb second.tdb
expect 0 'Dumped 1 records' on 2 ctdb catdb second.tdb
lent() { for node in 0 1 2; do on "$node" ctdb dbstatistics second.tdb; done; }
lent | grep -q '^ db_ro_delegations  *[1-9]' || fail "nothing was lent: $(lent)"
expect_silent on 2 ctdb writekey second.tdb news later
expect 0 'ptr:[later]' on 1 ctdb readkey second.tdb news readonly
lent | grep -q '^ db_ro_revokes  *[1-9]' || fail "nothing was taken back: $(lent)"

# What is going on.
move() {
  for _ in 1 2 3 4; do
    for node in 0 1 2; do on "$node" ctdb writekey counters.tdb 0x00fe hot || return 1; done
  done
}
move || fail 'cannot write'
expect 0 'counters.tdb' on 0 ctdb db top
expect 0 '0x00fe' on 2 ctdb db top --once
on 1 ctdb db top --json | python3 -m json.tool >/dev/null || fail 'JSON of db top'
expect 0 'Key' on 1 ctdb db top -n 1
expect 0 'DB Statistics counters.tdb' on 0 ctdb dbstatistics counters.tdb
expect 0 ' locks_latency      MIN/AVG/MAX     ' on 0 ctdb dbstatistics counters.tdb -n 1
hot() { for node in 0 1 2; do on 0 ctdb dbstatistics counters.tdb -n "$node"; done; }
hot | grep -q '^     Count:[0-9]* Key:00fe$' || fail "no hot key: $(hot)"
on 0 ctdb dbstatistics --json counters.tdb | python3 -m json.tool >/dev/null ||
  fail 'JSON of dbstatistics'
calls() { on 0 ctdb dbstatistics -X counters.tdb | sed -n 's/^|locks.num_calls|\(.*\)|$/\1/p'; }
[[ $(calls) -gt 0 ]] || fail 'no locks counted'
expect_silent on 0 ctdb statisticsreset
[[ $(calls) -eq 0 ]] || fail 'statistics were not reset'
expect 0 'database.client_requests' on 0 ctdb statistics
expect 0 'Per second' on 0 ctdb stats 1
expect 0 'Per second' on 0 ctdb stats
expect 22 '' on 0 ctdb stats 0

# Ctrl-C ends what is live.
for command in 'db top' stats; do
  CTDB_CALL="$ctdb --socket ${socket[0]} $command" \
    python3 - <<'PYTHON' || fail "Ctrl-C does not end $command"
import os, pty, select, sys, time

pid, fd = pty.fork()
if pid == 0:
    words = os.environ["CTDB_CALL"].split()
    os.execv(words[0], words)
seen, pressed, deadline = b"", False, time.time() + 20
while time.time() < deadline:
    if select.select([fd], [], [], 0.1)[0]:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        seen += data
    if not pressed and seen.count(b"\x1b[H") >= 2:
        os.write(fd, b"\x03")
        pressed = True
status = os.waitpid(pid, 0)[1]
if not pressed or status != 0:
    sys.exit("pressed: %s, status %d, seen: %r" % (pressed, status, seen))
PYTHON
done

# What changes is seen, on any node.
on 2 ctdb db watch counters.tdb watched --count 3 --timeout 20 -v >"$base/watch" \
  2>"$base/watch.err" &
watcher=$!
until_true grep -q 'Watching key watched' "$base/watch.err"
count=0
for node in 0 1; do
  expect_silent on "$node" ctdb writekey counters.tdb watched "by $node"
  count=$((count + 1))
  until_true eval "[[ \$(wc -l <'$base/watch') -eq $count ]]"
done
expect_silent on 0 ctdb deletekey counters.tdb watched
wait $watcher || fail "db watch: $(cat "$base/watch.err")"
[[ $(tr '\n' ';' <"$base/watch") == \
  'Data: size:4 ptr:[by 0];Data: size:4 ptr:[by 1];Data: size:0 ptr:[];' ]] ||
  fail "db watch saw: $(cat "$base/watch")"
expect 124 'Seen 0 changes' on 1 ctdb db watch counters.tdb watched --count 1 --timeout 0.2
expect 22 '' on 1 ctdb db watch counters.tdb watched --count x
expect 1 "No database matching 'none' found" on 1 ctdb db watch none watched

# A program that does not let go of a record: others do not get it, and are told who has it.
expect 0 'No database service waits' on 0 ctdb db locks
coproc program { exec "$holder" "${socket[0]}" counters.tdb visitors; }
tell() { # tell COMMAND TEXT: the program answers with the text
  local answer
  echo "$1" >&"${program[1]}"
  read -r -t 20 answer <&"${program[0]}" || fail "no answer to $1"
  [[ $answer == *"$2"* ]] || fail "$1: no \"$2\" in: $answer"
}
tell lock OK
expect 1 'Failed to lock record for key visitors' on 1 ctdb -t 1 writekey counters.tdb visitors 43
on 1 ctdb -t 15 writekey counters.tdb visitors 43 &
writer=$!
until_true is_held 0
expect 0 'visitors' on 2 ctdb db locks
expect 0 "process $program_PID" on 2 ctdb db locks
on 0 ctdb db locks --json | python3 -m json.tool >/dev/null || fail 'JSON of db locks'

# Ctrl-C ends one that waits, and what it waited for is not done later.
for node in 0 1; do
  CTDB_CALL="$ctdb --socket ${socket[$node]} -t 60 writekey counters.tdb visitors 99" \
    python3 - <<'PYTHON' || fail "Ctrl-C does not end who waits on node $node"
import os, signal, subprocess, sys

waiting = subprocess.Popen(os.environ["CTDB_CALL"].split())
try:
    waiting.wait(0.5)
    sys.exit("it did not wait")
except subprocess.TimeoutExpired:
    waiting.send_signal(signal.SIGINT)
sys.exit(0 if waiting.wait(5) in (-signal.SIGINT, 130) else "it ended otherwise")
PYTHON
done
tell unlock OK
wait $writer || fail 'the lock was free, and not had'
expect 0 'Data: size:2 ptr:[43]' on 2 ctdb readkey counters.tdb visitors

# All records go.
expect 0 'Database counters.tdb wiped' on 1 ctdb wipedb counters.tdb
expect 0 'Dumped 0 records' on 0 ctdb catdb counters.tdb
expect 0 'Data: size:0 ptr:[]' on 2 ctdb readkey counters.tdb visitors
expect_silent on 0 ctdb writekey counters.tdb visitors 44

# detach.
expect 1 'Database access is still active on node 0. Set AllowclientDBAttach=0 on all nodes.' \
  on 0 ctdb detach counters.tdb
for node in 0 1 2; do expect_silent on 0 ctdb setvar AllowClientDBAttach 0 -n "$node"; done
expect 1 'AllowClientDBAttach of this node is 0' on 0 ctdb readkey counters.tdb visitors
expect 1 "No database matching 'nothing' found" on 0 ctdb detach nothing second.tdb
tell lock OK
expect_silent on 1 ctdb detach counters.tdb
# The program is told, and cannot make it again.
tell store 'has passed while the record was locked'
tell unlock OK
tell lock 'AllowClientDBAttach of this node is 0'
for node in 0 1 2; do
  expect 0 'Number of databases:0' on "$node" ctdb getdbmap
  [[ -z $(find "$base/c/node.$node" -name 'counters.tdb*') ]] ||
    fail "files are left: $(find "$base/c/node.$node" -name 'counters.tdb*')"
done
for node in 0 1 2; do expect_silent on 0 ctdb setvar AllowClientDBAttach 1 -n "$node"; done
expect_silent on 2 ctdb attach counters.tdb
tell lock OK
tell unlock OK
expect 0 'Dumped 0 records' on 0 ctdb catdb counters.tdb
expect 0 'Data: size:0 ptr:[]' on 0 ctdb readkey counters.tdb visitors

# A node that is away.
expect_silent "$ctdb" local stop "$base/c" -n 2
until_true on 0 ctdb wait --for active=2 --timeout 1
expect 1 'Node 2 has status DISCONNECTED' on 0 ctdb getdbmap -n 2
expect 1 'Node 7 does not exist' on 0 ctdb getdbstatus counters.tdb -n 7
# Its database service hears of the new view a moment later.
until_true on 1 ctdb catdb counters.tdb
expect 0 'Dumped 0 records' on 1 ctdb catdb counters.tdb
for node in 0 1; do expect_silent on 0 ctdb setvar AllowClientDBAttach 0 -n "$node"; done
expect 0 'Node 2 is not connected: if it still runs, counters.tdb comes back with it' \
  on 0 ctdb detach counters.tdb
echo PASS
