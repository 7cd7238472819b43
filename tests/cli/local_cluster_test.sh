#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# `ctdb local` where no daemon is needed: set up, look, run programs, refuse, destroy.
set -uo pipefail
ctdb=$PWD/$1
base=$(mktemp -d /tmp/ctdb-local-test.XXXXXX)
trap 'rm -rf "$base"' EXIT
cd "$base" || exit 1

fail() { echo "FAILED: $*"; exit 1; }
# expect STATUS TEXT COMMAND...: exit status, and a text in the output.
expect() {
  local status=$1 text=$2 out
  shift 2
  out=$("$@" 2>&1)
  local got=$?
  [[ $got -eq $status && $out == *"$text"* ]] || fail "$*: status $got (expected $status): $out"
}

expect 0 '' "$ctdb" local setup c -n 2
expect 1 'there is one already' "$ctdb" local setup c
expect 0 'stopped' "$ctdb" local status c
expect 0 '"state": "stopped"' "$ctdb" local status c --json
expect 0 "$base/c/node.1" "$ctdb" local onnode --dir c 1 sh -c 'echo $CTDB_BASE'
expect 0 "$(sed -n 2p c/nodes)" "$ctdb" local onnode --dir c 0 ctdb listnodes
expect 0 "|1|$(sed -n 2p c/nodes)|" "$ctdb" local onnode --dir c 0 ctdb listnodes -X
expect 0 "process model = single" "$ctdb" local onnode --dir c 0 cat c/node.0/ctdb.conf
expect 5 '>> NODE: ' "$ctdb" local onnode --dir c all sh -c 'exit 5'
expect 1 'Node 2 does not exist' "$ctdb" local onnode --dir c 2 true
expect 1 'nothing to do: node 0, 1 does not run' "$ctdb" local kill all c
expect 1 'there is no such program' "$ctdb" local start c --ctdbd /no/such/ctdbd
expect 1 "connect() failed, errno=2" "$ctdb" local onnode --dir c 0 ctdb status
expect 1 "Failed to connect to CTDB daemon ($base/c/node.0/run/transport.socket)" \
  "$ctdb" local onnode --dir c 0 ctdb status
expect 69 "Failed to connect to CTDB daemon" "$ctdb" local onnode --dir c 0 ctdb links
expect 1 'Unknown command' "$ctdb" local frob
mkdir other
expect 1 'there is no local cluster' "$ctdb" local destroy other
[[ -d other ]] || fail 'destroy removed a directory that is no cluster'
expect 0 '' "$ctdb" local destroy c
[[ ! -e c ]] || fail 'destroy left something behind'
echo PASS
