#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# The completion script is sourced and asked, as bash would.
set -euo pipefail
ctdb=$PWD/$1
source <("$ctdb" help --bash-completion)

# complete WORD...: what is offered for the last word, in one line.
offered() {
  COMP_WORDS=(ctdb "$@")
  COMP_CWORD=$#
  COMPREPLY=()
  _ctdb
  echo "${COMPREPLY[*]}"
}
expect() {
  local want=$1
  shift
  local got
  got=$(offered "$@")
  [[ $got == "$want" ]] || { echo "ctdb $*: expected '$want', got '$got'"; exit 1; }
}

expect 'statistics statisticsreset stats status' stat
expect 'listen send' message ''
expect 'send' -n 1 message s
expect 'send' --node = 1 message s
expect '--count=' message listen --cou
expect '--json' status --js
expect 'pause' local pau
expect 'exit-codes' help exi
expect '' frobnicate ''
