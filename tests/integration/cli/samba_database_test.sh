#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Databases whose files unmodified Samba opens, from the command line, on three nodes.
source "$(dirname "$0")/cluster.sh"
start_cluster
all_agree

# On all nodes, each with its own file, which TDB's own tool can read.
expect_silent on 0 ctdb attach locking.tdb tdb
for node in 0 1 2; do
  expect 0 "name:locking.tdb path:$base/c/node.$node/" on "$node" ctdb getdbmap
  path=$(on "$node" ctdb getdbstatus locking.tdb | sed -n 's/^path: //p')
  [[ $path == */locking.tdb.$node && -s $path ]] || fail "path: $path"
done
expect_silent on 2 ctdb attach locking.tdb tdb
expect 1 'Failed to attach to DB locking.tdb' on 1 ctdb attach locking.tdb
expect 1 'engine tdb' on 1 ctdb attach locking.tdb
expect_silent on 0 ctdb attach native.tdb
expect 1 'use another name' on 0 ctdb attach native.tdb tdb

# What can be looked at, and what says why not.
expect 0 'Dumped 0 records' on 1 ctdb catdb locking.tdb
expect 0 'Dumped 0 record' on 1 ctdb cattdb locking.tdb
expect 0 'num_' on 1 ctdb dbstatistics locking.tdb
expect 1 'no read-only' on 1 ctdb setdbreadonly locking.tdb
for node in 0 1 2; do expect_silent on 0 ctdb setvar AllowClientDBAttach 0 -n "$node"; done
expect 1 'cannot be told' on 0 ctdb detach locking.tdb
expect 0 'name:locking.tdb' on 0 ctdb getdbmap
echo PASS
