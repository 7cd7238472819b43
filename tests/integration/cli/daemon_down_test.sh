#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# No daemon, wrong options, broken configuration: the lines and exit codes that scripts know.
source "$(dirname "$0")/cluster.sh"
"$ctdb" local setup "$base/c" -n 1 || fail setup
socket=$base/c/node.0/run/transport.socket

for command in status nodestatus ping uptime pnn runstate getpid getdebug 'setdebug INFO' \
  statistics statisticsreset listvars 'getvar x' 'setvar x 1' shutdown; do
  # shellcheck disable=SC2086
  expect 1 "connect() failed, errno=2
Failed to connect to CTDB daemon ($socket)" on 0 ctdb $command
done
for command in links endpoints 'process list' 'config show' 'message send 0 1 x' \
  'message listen 1'; do
  # shellcheck disable=SC2086
  expect 69 "Failed to connect to CTDB daemon ($socket)" on 0 ctdb $command
done
expect 1 'errno=2' "$ctdb" --socket /tmp/no-such-socket status
expect 0 '0.1.0' on 0 ctdb version
expect 0 '127.' on 0 ctdb listnodes

expect 1 "Unknown command 'sttus'; did you mean \"status\"?" on 0 ctdb sttus
expect 1 'Invalid option all: invalid numeric value' on 0 ctdb -n all status
expect 1 'Invalid option --frob: unknown option' on 0 ctdb --frob status
expect 1 'Cannot specify node for command listnodes' on 0 ctdb -n 0 listnodes
expect 1 '--json and -Y options are mutually exclusive' on 0 ctdb -jX status
expect 1 '  getvar          NAME ' on 0 ctdb getvar
expect 1 'Invalid value CTDB_TIMEOUT' env CTDB_TIMEOUT=soon "$ctdb" version
expect 1 '' env CTDB_TEST_MODE=yes "$ctdb" version

# A daemon that cannot start tells why.
echo '[logging' >"$base/c/node.0/ctdb.conf"
expect 1 'ctdb.conf' on 0 ctdb config check
expect 1 'Failed to load configuration' on 0 ctdb listnodes
expect 1 'cannot start node 0: ctdbd ended with exit status 1' "$ctdb" local start "$base/c"
echo PASS
