#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Messages reach the listeners of a channel on one node, or on all.
source "$(dirname "$0")/cluster.sh"
start_cluster

listen() {  # NODE CHANNEL COUNT FILE [OPTION...]
  local node=$1 channel=$2 count=$3 file=$4
  shift 4
  on "$node" ctdb message listen "$channel" --count "$count" --timeout 15 -v "$@" \
    >"$base/$file" 2>"$base/$file.err" &
  until_true grep -q 'Listening on channel' "$base/$file.err"
}

listen 0 0x2a 2 zero
zero=$!
listen 1 42 3 one
one=$!
listen 1 42 3 json --json
json=$!
# Who listens is a client of its node, and of no other.
pid=$(pgrep -f '^[^ ]*ctdb message listen 42 --count 3 --timeout 15 -v --json$' |
  while read -r one; do grep -qz "^CTDB_BASE=$base/" "/proc/$one/environ" && echo "$one"; done)
expect 0 "PID $pid exists" on 0 ctdb process-exists "$pid" -n 1
expect 0 "PID $pid exists" on 1 ctdb process-exists "$pid"
expect 1 "PID $pid does not exist" on 1 ctdb process-exists "$pid" -n 0
expect 0 "PID $pid with SRVID 0x2a exists" on 0 ctdb process-exists "$pid" 42 -n 1
expect 1 "PID $pid with SRVID 0x2b does not exist" on 0 ctdb process-exists "$pid" 0x2B -n 1
expect 0 '"exists": true' on 1 ctdb process-exists "$pid" --json
# One that lives and is none.
expect 1 "PID $$ does not exist" on 1 ctdb process-exists $$
expect 22 'Invalid process id x' on 1 ctdb process-exists x
expect 22 'Invalid process id 0' on 1 ctdb process-exists 0
expect 22 'Invalid SRVID x' on 1 ctdb process-exists "$pid" x
expect 1 'Node 7 does not exist' on 0 ctdb process-exists "$pid" -n 7

expect_silent on 2 ctdb message send 1 0x2a first
expect_silent on 2 ctdb message send all 42 'to everyone'
expect_silent on 1 ctdb message send all 42 $'bell\a'
wait $zero || fail "listener on node 0: $(cat "$base/zero.err")"
wait $one || fail "first listener on node 1: $(cat "$base/one.err")"
wait $json || fail "second listener on node 1: $(cat "$base/json.err")"

expect 1 "PID $pid does not exist" on 0 ctdb process-exists "$pid" -n 1

[[ $(cut -d' ' -f2- "$base/zero" | sort | tr '\n' ';') == 'bell\x07;to everyone;' ]] ||
  fail "node 0 got: $(cat "$base/zero")"
[[ $(cut -d' ' -f2- "$base/one" | sort | tr '\n' ';') == 'bell\x07;first;to everyone;' ]] ||
  fail "node 1 got: $(cat "$base/one")"
grep -q '^2/client:[0-9]* first$' "$base/one" || fail "no sender in: $(cat "$base/one")"
[[ $(grep -c '"channel":"42"' "$base/json") -eq 3 ]] || fail "JSON lines: $(cat "$base/json")"

expect 1 'no such node' on 0 ctdb message send 9 42 lost
expect 1 'Invalid channel x' on 0 ctdb message send 1 x lost
expect 22 '' on 0 ctdb message listen 42 --count x
expect 124 'Received 0 messages' on 0 ctdb message listen 42 --count 1 --timeout 0.2
echo PASS
