#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# A cluster whose nodes have IPv6 addresses only, in a network namespace of its own.
if [ -z "${IN_NAMESPACE:-}" ]; then
  IN_NAMESPACE=1 exec unshare --net --map-root-user "$0" "$@"
fi
set -e
ip link set lo up
for n in 1 2 3; do ip -6 addr add fd00:17::$n/128 dev lo nodad; done
source "$(dirname "$0")/cluster.sh"

"$ctdb" local setup -n 3 "$base/c" >/dev/null
for n in 0 1 2; do
  old=$(sed -n "$((n + 1))p" "$base/c/nodes")
  sed -i "s/node address = $old\$/node address = fd00:17::$((n + 1))/" "$base/c/node.$n/ctdb.conf"
done
printf 'fd00:17::%u\n' 1 2 3 >"$base/c/nodes"
for n in 0 1 2; do cp --remove-destination "$base/c/nodes" "$base/c/node.$n/nodes"; done
ip addr del 127.0.0.1/8 dev lo # Nothing may fall back to IPv4.
"$ctdb" local start "$base/c" >/dev/null

for n in 0 1 2; do
  expect_silent on $n ctdb wait --for links=2 --timeout 20
  expect_silent on $n ctdb wait --for running --timeout 20
  expect 0 "fd00:17::$((n + 1))" on $n ctdb nodestatus
done
expect 0 'response from 2 time=' on 0 ctdb ping -n 2
