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

# start_cluster [OPTION...]: three nodes that run and are linked.
start_cluster() {
  "$ctdb" local setup "$base/c" "$@" || fail "setup"
  "$ctdb" local start "$base/c" || fail "start"
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

# until_true COMMAND...: within ten seconds.
until_true() {
  local deadline=$((SECONDS + 10))
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $deadline ]] || fail "never true: $*"
    sleep 0.05
  done
}
