#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# The same with every daemon in a process of its own, and beside another local cluster.
source "$(dirname "$0")/cluster.sh"
start_cluster --multi -n 2
trap '"$ctdb" local destroy "$base/c" >/dev/null 2>&1; "$ctdb" local destroy "$base/d" \
  >/dev/null 2>&1; rm -rf "$base"' EXIT
"$ctdb" local setup "$base/d" -n 2 || fail "second setup"
"$ctdb" local start "$base/d" || fail "second start"
cmp -s "$base/c/nodes" "$base/d/nodes" && fail "two clusters with the same addresses"
expect 0 'Number of nodes:2' on 0 ctdb nodestatus all
expect 0 'multi process model' on 0 ctdb status -v

pid_of() {
  on 0 ctdb process list -X -x' ' | awk -v name="$1" '$1 == name { print $2 }'
}
[[ $(pid_of ctdbd) -ne $(pid_of transportd) ]] || fail "one process for both daemons"

# A cluster service that is killed is started again, and the other node notices at once (BUG-104).
until_true on 1 ctdb wait --for active=2 --timeout 1
clusterd=$(pid_of clusterd)
kill -9 "$clusterd"
until_true sh -c "grep -q 'its cluster service ended' $base/c/node.1/log.ctdb"
until_true on 0 ctdb wait --for running --timeout 1
until_true on 1 ctdb wait --for active=2 --timeout 1
[[ $(pid_of clusterd) -ne $clusterd ]] || fail "the same cluster service"

# Killing the node leaves none of its processes behind.
transportd=$(pid_of transportd)
expect_silent "$ctdb" local kill 0 "$base/c"
until_true sh -c "! kill -0 $transportd"
expect_silent on 1 ctdb wait --for links=0 --timeout 5
expect_silent "$ctdb" local start "$base/c"
expect_silent on 1 ctdb wait --for connected --timeout 10
echo PASS
