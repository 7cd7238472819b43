#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Three nodes in network namespaces of their own, whose cables are cut: no connection is reset,
# there is only silence.
if [ -z "${IN_NAMESPACE:-}" ]; then
  IN_NAMESPACE=1 exec unshare --net --mount --map-root-user "$0" "$@"
fi
source "$(dirname "$0")/cluster.sh"

PATH=$PATH:/usr/sbin:/sbin

# A bridge with a cable to each node.
mount -t tmpfs none /run && mkdir /run/netns || fail "mount"
ip link add bridge0 type bridge && ip link set bridge0 up || fail "bridge"
for n in 0 1 2; do
  ip netns add node$n && ip link add cable$n type veth peer name eth0 netns node$n || fail "cable"
  ip link set cable$n master bridge0 up
  ip -n node$n link set lo up
  ip -n node$n addr add 10.17.0.$((n + 1))/24 dev eth0
  ip -n node$n link set eth0 up
done

"$ctdb" local setup -n 3 "$base/c" || fail "setup"
for n in 0 1 2; do
  sed -i "s/node address = .*/node address = 10.17.0.$((n + 1))/" "$base/c/node.$n/ctdb.conf"
  printf '10.17.0.%u\n' 1 2 3 >"$base/c/node.$n/nodes.new"
  mv "$base/c/node.$n/nodes.new" "$base/c/node.$n/nodes"
done
stop_all() {
  for n in 0 1 2; do
    kill "$(cat "$base/c/node.$n/run/ctdbd.pid" 2>/dev/null)" 2>/dev/null
  done
  for n in 0 1 2; do
    while [ -e "$base/c/node.$n/run/ctdbd.pid" ]; do sleep 0.05; done
  done
  rm -rf "$base"
}
trap stop_all EXIT
for n in 0 1 2; do
  nsenter --net=/run/netns/node$n env CTDB_TEST_MODE=yes CTDB_BASE="$base/c/node.$n" "$CTDBD" ||
    fail "start of node $n"
done
on() { # on NODE ctdb ARGUMENT...: sockets do not care for network namespaces
  "$ctdb" --socket "$base/c/node.$1/run/transport.socket" "${@:3}"
}
for n in 0 1 2; do until_true on $n ctdb wait --for active=3 --timeout 1; done
all_agree

# The leader's cable is cut: the others replace it, and it stops by itself.
leader=$(on 0 ctdb leader)
before=$(epoch_of 0)
ip link set "cable$leader" down
rest=$(others "$leader")
for n in $rest; do until_true leader_differs "$n" "$leader"; done
one=${rest%% *}
until_true on "$one" ctdb wait --for active=2 --timeout 1
expect 0 'nothing was heard from it for 2.5s' on "$one" ctdb why "$leader"
until_true leader_is "$leader" UNKNOWN
expect 0 'Recovery mode:RECOVERY (1)' on "$leader" ctdb -t 1 status
[[ $(epoch_of "$one") -gt $before ]] || fail "the epoch did not grow"
ip link set "cable$leader" up
until_true on "$one" ctdb wait --for active=3 --timeout 1
all_agree

# Two followers do not reach each other, but the leader reaches both: one of them is left out, and
# it is said why; nobody takes the leader's place (WP-22).
leader=$(on 0 ctdb leader)
rest=$(others "$leader")
for n in $rest; do bridge link set dev "cable$n" isolated on || fail "isolation"; done
until_true on "$leader" ctdb wait --for active=2 --timeout 1
until_true status_has "$leader" "pnn:${rest##* } *[0-9.]* *INACTIVE"
leader_is "$leader" "$leader" || fail "another leader"
expect 0 'cannot reach each other' on "$leader" ctdb events
for n in $rest; do bridge link set dev "cable$n" isolated off; done
until_true on "$leader" ctdb wait --for active=3 --timeout 1
all_agree
echo PASS
