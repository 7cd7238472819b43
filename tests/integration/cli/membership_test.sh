#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What administrators do to nodes, and what the cluster says about it.
source "$(dirname "$0")/cluster.sh"
"$ctdb" local setup "$base/c" || fail "setup"
printf '#!/bin/sh\necho "$1" >>"%s/notified"\n' "$base" >"$base/c/node.0/notify.sh"
chmod +x "$base/c/node.0/notify.sh"
"$ctdb" local start "$base/c" || fail "start"
all_agree
until_true grep -q '^healthy$' "$base/notified"
[[ $(xargs <"$base/notified") == "init setup startup healthy" ]] || fail "$(cat "$base/notified")"
leader=$(on 0 ctdb leader)
rest=$(others "$leader")
one=${rest%% *}

# Stop and continue: the node is out at once, and comes back.
expect_silent on "$one" ctdb stop --reason 'new disk'
expect 0 "Node $one is already stopped" on "$one" ctdb stop
for node in 0 1 2; do until_true status_has "$node" "pnn:$one .*STOPPED|INACTIVE"; done
until_true on "$leader" ctdb wait --for active=2 --timeout 1
expect 0 'new disk' on "$leader" ctdb why "$one"
expect 32 'STOPPED' on "$leader" ctdb nodestatus "$one"
expect_silent on "$leader" ctdb continue -n "$one"
expect 0 "Node $one is not stopped" on "$one" ctdb continue
until_true on "$leader" ctdb wait --for active=3 --timeout 1

# A stopped leader hands over.
expect_silent on "$leader" ctdb stop
until_true leader_differs "$one" "$leader"
expect_silent on "$leader" ctdb continue
until_true on "$one" ctdb wait --for active=3 --timeout 1
all_agree

# Bans end by themselves or are taken back.
expect 22 'Ban time cannot be zero' on 0 ctdb ban 0
expect_silent on 0 ctdb ban 3600 -n "$one"
for node in 0 1 2; do until_true status_has "$node" "pnn:$one .*BANNED|INACTIVE"; done
expect 0 "Node $one is already banned" on "$one" ctdb ban 5
expect_silent on 0 ctdb unban -n "$one"
expect 0 "Node $one is not banned" on 0 ctdb unban -n "$one"
expect_silent on 0 ctdb ban 1 -n "$one"
until_true status_lacks 0 "pnn:$one .*BANNED"
until_true on 0 ctdb wait --for active=3 --timeout 1

# Disabled nodes take part.
expect_silent on "$one" ctdb disable
until_true status_has 0 "pnn:$one .* DISABLED"
expect 0 '' on 0 ctdb wait --for active=3 --timeout 5
expect_silent on "$one" ctdb enable
until_true status_lacks 0 "pnn:$one .* DISABLED"

# Roles: whoever may not lead hands over, whoever may not be home is none.
leader=$(on 0 ctdb leader)
expect_silent on "$leader" ctdb setleaderrole off
until_true leader_differs 0 "$leader"
expect 0 'LEADER: NO' on "$leader" ctdb getcapabilities
expect_silent on "$leader" ctdb setlmasterrole off
until_true status_has 0 'Size:2'
expect_silent on "$leader" ctdb setlmasterrole on
expect_silent on "$leader" ctdb setleaderrole on
until_true status_has 0 'Size:3'
all_agree

# A new epoch on request.
before=$(epoch_of 0)
expect_silent on 0 ctdb recover
[[ $(epoch_of 0) -gt $before ]] || fail "recover began no epoch"

# History.
expect 0 'was asked for' on "$(on 0 ctdb leader)" ctdb events
on 0 ctdb events --json | head -1 | python3 -m json.tool >/dev/null || fail "JSON of events"

# A node leaves the list and comes back (ML-91).
expect 0 'No change in nodes file' on 0 ctdb reloadnodes
third=2
[[ $(on 0 ctdb leader) -ne 2 ]] || third=1
for node in 0 1 2; do
  sed -i "$((third + 1))s/^/#/" "$base/c/node.$node/nodes"
done
expect 1 "Node $third is still connected" on 0 ctdb reloadnodes
expect_silent "$ctdb" local stop "$base/c" -n "$third"
until_true on 0 ctdb wait --for active=2 --timeout 1
expect 0 "Node $third is DELETED" on 0 ctdb reloadnodes
until_true status_has 0 'Number of nodes:3 (including 1 deleted nodes)'
for node in 0 1 2; do sed -i 's/^#//' "$base/c/node.$node/nodes"; done
expect 0 "Node $third is UNDELETED" on 0 ctdb reloadnodes
expect_silent "$ctdb" local start "$base/c"
until_true on 0 ctdb wait --for active=3 --timeout 1
all_agree

# Lists that differ are named, with the difference.
two=$((third == 2 ? 1 : 2))
echo 127.99.99.99 >>"$base/c/node.$two/nodes"
expect 1 "Nodes file on node $two differs from current node (0)" on 0 ctdb reloadnodes
echo PASS
