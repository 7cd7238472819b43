#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What outlives a daemon that is killed, and what becomes of the others' waiting for its lease.
# Third argument: a program that holds a record.
source "$(dirname "$0")/cluster.sh"
holder=$PWD/$3

log_has() { "$ctdb" local log "$base/c" | grep -qE -- "$1"; }
pid_of() { cat "$base/c/node.$1/run/ctdbd.pid"; }
guardians_of() { pgrep -P "$1" -f -- --guardian; }
has_guardian() { [[ -n $(guardians_of "$(pid_of "$1")") ]]; }
come_back() { # come_back NODE
  expect_silent "$ctdb" local start "$base/c"
  on all ctdb wait --for running --timeout 20 >/dev/null || fail "node $1 does not come back"
  all_agree
}
parted() { # parted NODE: how often the others have heard so
  "$ctdb" local log "$base/c" | grep -c "clusterd.*Node $1 has ended and its clients have stopped"
}
has_parted() { [[ $(parted "$1") -ge $2 ]]; }

start_cluster
expect 1 "for ctdbd's own use" "$CTDBD" --guardian
on 0 ctdb attach counters >/dev/null
on 2 ctdb writekey counters key value || fail "writekey"

# Whoever is killed, the others hear of it and go on, and so do the records that it owned.
for round in 1 2; do
  victim=$(on 0 ctdb leader)
  [[ $round -eq 1 ]] && victim=$(others "$victim" | cut -d' ' -f1)
  before=$(parted "$victim")
  survivor=$(others "$victim" | cut -d' ' -f1)
  on "$victim" ctdb writekey counters key value || fail "writekey"
  expect_silent "$ctdb" local kill "$victim" "$base/c"
  until_true has_parted "$victim" $((before + 1))
  until_true log_has "node.$victim guardian.*ctdbd has ended; its clients have stopped after"
  until_true status_has "$survivor" "pnn:$victim .*DISCONNECTED"
  until_true on "$survivor" ctdb wait --for recovered --timeout 1
  until_true on "$survivor" ctdb readkey counters key
  come_back "$victim"
done

# A guardian that is killed is replaced, and the next one knows what to do.
until_true has_guardian 1
kill -9 "$(guardians_of "$(pid_of 1)")"
until_true log_has 'node.1 guardian.*was killed by signal 9'
until_true has_guardian 1
before=$(parted 1)
expect_silent "$ctdb" local kill 1 "$base/c"
until_true has_parted 1 $((before + 1))
come_back 1

# Without one, when the whole host goes, they wait for the lease.
daemon=$(pid_of 1)
guardian=$(guardians_of "$daemon")
before=$(parted 1)
kill -STOP "$daemon"
kill -9 "$guardian"
kill -9 "$daemon"
until_true status_has 0 'pnn:1 .*DISCONNECTED'
until_true on 0 ctdb wait --for recovered --timeout 1
[[ $(parted 1) -eq $before ]] || fail "somebody spoke for node 1"
come_back 1

# A client that cannot be stopped in time is named, and nobody is told that it has been.
mkfifo "$base/words"
"$holder" "$base/c/node.1/run/transport.socket" counters key <"$base/words" >"$base/answers" 2>&1 &
client=$!
exec 7>"$base/words"
echo lock >&7
until_true grep -q OK "$base/answers"
before=$(parted 1)
expect_silent "$ctdb" local kill 1 "$base/c"
until_true log_has "node.1 guardian.*have to wait for its lease: process $client holds a record"
until_true on 0 ctdb wait --for recovered --timeout 1
[[ $(parted 1) -eq $before ]] || fail "the others were told that process $client had stopped"
echo store >&7
until_true grep -q 'lease has passed' "$base/answers"
exec 7>&-
wait "$client"
come_back 1

# A daemon that is started at once waits for the guardian of the run before.
for round in 1 2 3; do
  "$ctdb" local kill 2 "$base/c" && "$ctdb" local start "$base/c" || fail "start at once"
done
on all ctdb wait --for running --timeout 20 >/dev/null || fail "node 2 does not run"
all_agree

# An orderly end needs none, and leaves none.
before=$(parted 2)
daemons="$(pid_of 0) $(pid_of 1) $(pid_of 2)"
guardians=$(for pid in $daemons; do guardians_of "$pid"; done)
[[ $(wc -w <<<"$guardians") -eq 3 ]] || fail "guardians: $guardians"
expect_silent "$ctdb" local stop "$base/c"
for pid in $guardians; do ! kill -0 "$pid" 2>/dev/null || fail "guardian $pid is still there"; done
[[ $(parted 2) -eq $before ]] || fail "node 2 was said to be killed"
echo PASS
