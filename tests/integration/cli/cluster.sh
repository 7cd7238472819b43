# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Sourced by the tests of this folder: a local cluster that is destroyed at the end, and checks.
# Arguments of the test: the programs ctdb and ctdbd.
set -uo pipefail
ctdb=$PWD/$1
export CTDBD=$PWD/$2
unset CTDB_TEST_MODE CTDB_BASE CTDB_TIMEOUT
# Short, since the paths of sockets must fit into an address.
base=$(mktemp -d /tmp/ctdb-it.XXXXXX)
trap '"$ctdb" local destroy "$base/c" >/dev/null 2>&1; rm -rf "$base"' EXIT

fail() {
  echo "FAILED: $*"
  "$ctdb" local log "$base/c" 2>/dev/null | tail -30
  exit 1
}

# start_cluster [OPTION...]: three nodes that run, linked and with a leader.
start_cluster() {
  "$ctdb" local setup "$base/c" "$@" || fail "setup"
  "$ctdb" local start "$base/c" || fail "start"
  on all ctdb wait --for running --timeout 20 >/dev/null || fail "not running"
}

# on NODES PROGRAM [ARGUMENT...]
on() { "$ctdb" local onnode --dir "$base/c" "$@"; }

# expect STATUS TEXT COMMAND...: the exit status, and a text in the output (stdout and stderr).
expect() {
  local status=$1 text=$2 out got
  shift 2
  out=$("$@" 2>&1)
  got=$?
  [[ $got -eq $status ]] || fail "$*: exit status $got, expected $status: $out"
  [[ $out == *"$text"* ]] || fail "$*: no \"$text\" in: $out"
}

# expect_silent COMMAND...: success without a word.
expect_silent() {
  local out
  out=$("$@" 2>&1) || fail "$*: $out"
  [[ -z $out ]] || fail "$*: should be silent: $out"
}

# until_true COMMAND...: within twenty seconds.
until_true() {
  local deadline=$((SECONDS + 20))
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $deadline ]] || fail "never true: $*"
    sleep 0.05
  done
}

epoch_of() { on "$1" ctdb status | sed -n 's/^Generation://p'; }
epoch_above() { [[ $(epoch_of "$1") -gt $2 ]]; }
leader_is() { [[ $(on "$1" ctdb -t 1 leader) == "$2" ]]; }
leader_differs() { # leader_differs NODE OLD: another one is known there
  local now
  now=$(on "$1" ctdb -t 1 leader)
  [[ $now =~ ^[0-9]+$ && $now -ne $2 ]]
}
status_has() { on "$1" ctdb -t 1 status | grep -q -- "$2"; }
status_lacks() { ! status_has "$@"; }
status_has_verbose() { on "$1" ctdb -t 1 status -v | grep -q -- "$2"; }
# The other nodes of three.
others() { echo 0 1 2 | tr ' ' '\n' | grep -v "^$1\$" | xargs; }

# all_agree: within the time limit of until_true every node tells the same of leader and epoch.
same_everywhere() {
  local told
  told=$(for node in 0 1 2; do on "$node" ctdb -t 1 status | grep -E '^(Gen|Lead|Recov)'; done |
    sort | uniq -c | awk '{print $1}' | xargs)
  [[ $told == "3 3 3" ]]
}
all_agree() {
  for node in 0 1 2; do until_true on "$node" ctdb wait --for recovered --timeout 1; done
  until_true same_everywhere
}
