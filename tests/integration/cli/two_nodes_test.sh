#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Two nodes without a lock: the one that is left stops, unless an administrator said otherwise.
source "$(dirname "$0")/cluster.sh"
start_cluster -n 2
until_true on 0 ctdb wait --for active=2 --timeout 1
expect 0 'when one is lost, the other one stops' on 0 ctdb status -v
expect_silent "$ctdb" local kill 1 "$base/c"
until_true leader_is 0 UNKNOWN
"$ctdb" local stop "$base/c" || fail "stop"

for node in 0 1; do printf '[cluster]\ntwo nodes = true\n' >>"$base/c/node.$node/ctdb.conf"; done
"$ctdb" local start "$base/c" || fail "start"
until_true on 0 ctdb wait --for active=2 --timeout 1
expect 0 'both go on' on 0 ctdb status -v
expect_silent "$ctdb" local kill 1 "$base/c"
until_true on 0 ctdb wait --for active=1 --timeout 1
expect 0 0 on 0 ctdb leader
expect_silent "$ctdb" local start "$base/c"
until_true on 0 ctdb wait --for active=2 --timeout 1
echo PASS
