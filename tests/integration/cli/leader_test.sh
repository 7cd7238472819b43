#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# A leader is there, is replaced when it crashes or freezes, and there is none without a majority.
source "$(dirname "$0")/cluster.sh"
start_cluster
all_agree

# A crash of the leader: the others have another one, with a higher epoch.
first=$(on 0 ctdb leader)
first_epoch=$(epoch_of 0)
rest=$(others "$first")
expect_silent "$ctdb" local kill "$first" "$base/c"
for node in $rest; do until_true leader_differs "$node" "$first"; done
one=${rest%% *}
# The crashed one is in the view until its grant is over.
epoch_has_grown() { [[ $(epoch_of "$one") -gt $first_epoch ]]; }
until_true epoch_has_grown
until_true on "$one" ctdb wait --for recovered --timeout 1
until_true on "$one" ctdb wait --for active=2 --timeout 1
expect 0 'DISCONNECTED' on "$one" ctdb why "$first"
expect 0 'the link was lost' on "$one" ctdb why "$first"

# It comes back and does not take over (BUG-83).
second=$(on "$one" ctdb leader)
expect_silent "$ctdb" local start "$base/c"
until_true on "$one" ctdb wait --for active=3 --timeout 1
all_agree
expect 0 "$second" on 0 ctdb leader

# A frozen leader is replaced, and finds that out when it goes on.
expect_silent "$ctdb" local pause "$second" "$base/c"
rest=$(others "$second")
for node in $rest; do until_true leader_differs "$node" "$second"; done
expect_silent "$ctdb" local resume "$second" "$base/c"
until_true leader_differs "$second" "$second"
until_true on "$second" ctdb wait --for active=3 --timeout 1
all_agree

# Without a majority nobody leads, and the node says what it waits for.
expect_silent "$ctdb" local kill 1,2 "$base/c"
until_true leader_is 0 UNKNOWN
expect 0 'Leader:UNKNOWN' on 0 ctdb -t 1 status
expect 0 'Recovery mode:RECOVERY (1)' on 0 ctdb -t 1 status
expect 0 'a majority: 1 of 3 nodes are here, 2 are needed' on 0 ctdb -t 1 status -v
expect_silent "$ctdb" local start "$base/c"
until_true on 0 ctdb wait --for active=3 --timeout 1
all_agree
echo PASS
