#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What a healthy cluster of three tells, on every node and from node to node.
source "$(dirname "$0")/cluster.sh"
start_cluster
on 0 ctdb wait --for recovered || fail "no epoch"
mapfile -t address <"$base/c/nodes"

leader=$(on 0 ctdb leader)
generation=$(on 0 ctdb status | sed -n 's/^Generation://p')
[[ $leader =~ ^[012]$ && $generation =~ ^[0-9]+$ ]] || fail "leader $leader of epoch $generation"

for node in 0 1 2; do
  until_true on $node ctdb wait --for recovered --timeout 1
  expected=$(
    echo 'Number of nodes:3'
    for n in 0 1 2; do
      [[ $n -eq $node ]] && mark=' (THIS NODE)' || mark=''
      printf 'pnn:%u %-16s OK%s\n' "$n" "${address[n]}" "$mark"
    done
    printf 'Generation:%s\nSize:3\n' "$generation"
    printf 'hash:%u lmaster:%u\n' 0 0 1 1 2 2
    printf 'Recovery mode:NORMAL (0)\nLeader:%s\n' "$leader"
  )
  got=$(on $node ctdb status)
  [[ $got == "$expected" ]] || fail "status on node $node: $got"
  expect 0 "$node" on $node ctdb pnn
  expect 0 "|$node|${address[node]}|0|0|0|0|0|0|0|0|Y|" on $node ctdb -X status
  expect 0 "response from $node time=" on 0 ctdb ping -n $node
  expect 0 RUNNING on 0 ctdb runstate running -n $node
  [[ $(on 0 ctdb getpid -n $node) -eq $(cat "$base/c/node.$node/run/ctdbd.pid") ]] ||
    fail "getpid of node $node"
done

expect 0 'log.ctdb at INFO, ' on 0 ctdb status -v -n 1
expect 0 '"dropped": "0"' on 0 ctdb status --json
expect 0 'Number of nodes:3' on 1 ctdb nodestatus all
expect 0 "127." on 1 ctdb listnodes
expect 0 "|2|${address[2]}|connected|" on 0 ctdb links -X
expect 0 '/master:' on 0 ctdb endpoints -n 1
expect 0 'transportd' on 0 ctdb process list -n 2
expect 0 'node.1/ctdb.conf:2' on 0 ctdb config show -n 1
expect_silent on 0 ctdb config check
expect 0 'router.packets_routed' on 0 ctdb statistics -n 1
expect_silent on 0 ctdb statisticsreset

expect_silent on 0 ctdb setdebug DEBUG -n 1
expect 0 DEBUG on 1 ctdb getdebug
expect 0 INFO on 0 ctdb getdebug
expect_silent on 0 ctdb setvar monitorinterval 21 -n 2
expect 0 'MonitorInterval            = 21' on 2 ctdb getvar MonitorInterval
expect 0 'MonitorInterval            = 15' on 0 ctdb getvar MonitorInterval

for command in status nodestatus ping uptime pnn runstate getpid getdebug links endpoints \
  'process list' statistics listvars 'config show' 'config check' 'config dump' listnodes \
  version; do
  # shellcheck disable=SC2086
  on 0 ctdb $command --json | python3 -m json.tool >/dev/null || fail "JSON of $command"
done

# Watching goes on until it is interrupted.
on 0 ctdb ping --watch=0.1 >"$base/watch" &
watcher=$!
until_true grep -qz 'response.*response.*response' "$base/watch"
kill $watcher
echo PASS
