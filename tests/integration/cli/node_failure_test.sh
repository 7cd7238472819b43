#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Nodes crash, freeze, are shut down, and come back.
source "$(dirname "$0")/cluster.sh"
start_cluster

# A crash is seen by the others at once.
expect_silent "$ctdb" local kill 2 "$base/c"
until_true status_has 0 'pnn:2 .*DISCONNECTED'
expect 3 'DISCONNECTED|UNHEALTHY|INACTIVE' on 0 "$ctdb" nodestatus 2
expect 0 'pnn:2 ' on 1 ctdb status
expect 1 'Node 2 has status DISCONNECTED' on 0 ctdb ping -n 2
expect 1 'Node 7 does not exist' on 0 ctdb ping -n 7
expect 124 'linked to 1 of 2 other nodes' on 0 ctdb wait --for links=2 --timeout 0.3
expect 0 stopped "$ctdb" local status "$base/c"

# It comes back.
expect_silent "$ctdb" local start "$base/c"
expect_silent on 0 ctdb wait --for connected --timeout 10
until_true on 0 ctdb nodestatus all
expect 0 'Number of nodes:3' on 0 ctdb nodestatus all

# A frozen node does not answer; the question has an end.
expect_silent "$ctdb" local pause 1 "$base/c"
expect 0 paused "$ctdb" local status "$base/c"
expect 1 'no answer within the time limit of 1s' on 1 ctdb -t 1 ping
expect 1 'no answer within the time limit of 1s' on 0 ctdb -t 1 ping -n 1
expect_silent "$ctdb" local resume 1 "$base/c"
expect 0 'response from 1' on 0 ctdb ping -n 1

# The whole command has an end, too.
"$ctdb" local pause 1 "$base/c"
expect 1 'Maximum runtime exceeded - exiting' setsid -w "$ctdb" local onnode --dir "$base/c" 1 \
  setsid -w "$ctdb" -T 1 ping
"$ctdb" local resume 1 "$base/c"

# Orderly ends, near and far.
expect_silent on 0 ctdb shutdown -n 2
until_true on 2 ctdb wait --for gone --timeout 1
expect_silent on 0 ctdb shutdown
expect_silent on 0 ctdb wait --for gone --timeout 1
expect 0 'Shutdown sequence complete' "$ctdb" local log "$base/c"
expect_silent "$ctdb" local stop "$base/c"
expect 1 'does not run' "$ctdb" local kill all "$base/c"
echo PASS
