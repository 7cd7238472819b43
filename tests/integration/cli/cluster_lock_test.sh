#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# With a cluster lock whoever holds it leads, without a majority, too.
source "$(dirname "$0")/cluster.sh"
"$ctdb" local setup "$base/c" || fail "setup"
lock=$base/lock
set_lock() { # set_lock NODE VALUE
  printf '[cluster]\ncluster lock = %s\n' "$2" >>"$base/c/node.$1/ctdb.conf"
}
for node in 0 1 2; do set_lock $node "$lock"; done
"$ctdb" local start "$base/c" || fail "start"
until_true on 0 ctdb wait --for active=3 --timeout 1
all_agree
expect 0 "$lock" on 1 ctdb getreclock
holder=$(on 0 ctdb leader)

# The leader crashes: the lock is free, another node takes it.
expect_silent "$ctdb" local kill "$holder" "$base/c"
rest=$(others "$holder")
one=${rest%% *}
until_true leader_differs "$one" "$holder"
until_true on "$one" ctdb wait --for recovered --timeout 1

# One node is enough.
last=$(on "$one" ctdb leader)
other=${rest//$last/}
expect_silent "$ctdb" local kill "${other// /}" "$base/c"
until_true on "$last" ctdb wait --for active=1 --timeout 1
expect_silent "$ctdb" local start "$base/c"
until_true on 0 ctdb wait --for active=3 --timeout 1
all_agree

# The lock file goes away under its holder, which steps down; afterwards somebody leads again, and
# nobody was banned for it (BUG-92, BUG-97).
before=$(epoch_of 0)
rm "$lock"
until_true epoch_above 0 "$before"
until_true on 0 ctdb wait --for active=3 --timeout 1
all_agree
[[ $(on 0 ctdb status) != *BANNED* ]] || fail "a node was banned"
expect 0 'lock' "$ctdb" local log "$base/c"

# A node with another lock is left out and told why (BUG-95).
"$ctdb" local stop "$base/c" -n 2 || fail "stop"
set_lock 2 "$base/another"
"$ctdb" local start "$base/c" -n 2 || fail "start"
until_true status_has 0 'pnn:2 *[0-9.]* *[A-Z|]*INACTIVE'
until_true status_lacks 0 'pnn:2 .*DISCONNECTED'
expect 0 'make "cluster lock" in ctdb.conf the same on all nodes' on 0 ctdb status -v

# Helpers that do not work: each says what to do, nobody leads, nobody is banned.
"$ctdb" local stop "$base/c" || fail "stop"
printf '#!/bin/sh\nprintf x\nexec sleep 60\n' >"$base/nonsense"
printf '#!/bin/sh\nexit 1\n' >"$base/dies"
printf 'no program\n' >"$base/plain"
chmod +x "$base/nonsense" "$base/dies"
for helper in nonsense dies plain missing; do
  for node in 0 1 2; do set_lock $node "!$base/$helper"; done
  "$ctdb" local start "$base/c" || fail "start with $helper"
  until_true status_has_verbose 0 "$base/$helper"
  expect 0 'Leader:UNKNOWN' on 0 ctdb -t 1 status
  [[ $(on 0 ctdb -t 1 status) != *BANNED* ]] || fail "a node was banned for $helper"
  "$ctdb" local stop "$base/c" || fail "stop with $helper"
done
echo PASS
