#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Debian's unmodified smbd under load: many clients at once, killed in the middle of it, and on a
# node that is stopped.
source tests/integration/cli/cluster.sh
source tests/integration/samba/samba.sh
[[ $(id -u) -eq 0 ]] || { echo "smbd needs root: skipped"; exit 0; }
jobs_of_load=()
trap 'kill "${jobs_of_load[@]}" 2>/dev/null; stop_smbd
  "$ctdb" local destroy "$base/c" >/dev/null 2>&1; rm -rf "$base"' EXIT

start_samba_cluster -n 3
start_smbd 0
start_smbd 1
head -c 100000 /dev/urandom >"$base/file"

echo "-- 120 clients at once, on two nodes"
one_client() { # one_client NUMBER: writes a file through one node, reads it through the other
  local node=$(($1 % 2))
  timeout 120 smbclient -N -s "$(smb_conf $node)" -p "${port[$node]}" //127.0.0.1/share \
    -c "put $base/file many.$1" &&
    timeout 120 smbclient -N -s "$(smb_conf $node)" -p "${port[$((1 - node))]}" \
      //127.0.0.1/share -c "get many.$1 $base/many.$1; del many.$1" &&
    cmp "$base/file" "$base/many.$1"
}
clients=()
for ((i = 0; i < 120; ++i)); do
  one_client "$i" >"$base/output.$i" 2>&1 &
  clients[i]=$!
done
for ((i = 0; i < 120; ++i)); do
  wait "${clients[i]}" || fail "client $i: $(cat "$base/output.$i")"
done
[[ -z $(ls "$base/share") ]] || fail "not deleted: $(ls "$base/share")"

echo "-- all of smbd is killed on node 0 while clients of both nodes work"
load() { # load NODE: until it fails
  while smb "$1" "put $base/file load.$1.$2; get load.$1.$2 $base/load.$1.$2"; do
    date +%s%N >"$base/last.$1.$2"
  done
}
for i in 1 2 3; do
  for node in 0 1; do
    load $node $i >"$base/load.output.$node.$i" 2>&1 &
    jobs_of_load+=($!)
  done
done
works() { [[ -e $base/last.$1 ]]; }
for i in 1 2 3; do until_true works "0.$i" && until_true works "1.$i"; done
mkfifo "$base/hold"
(echo "open load.0.1"; cat "$base/hold") |
  smbclient -N -s "$(smb_conf 0)" -p "${port[0]}" //127.0.0.1/share >/dev/null 2>&1 &
exec 7>"$base/hold"
has_open() { smbstatus -L -s "$(smb_conf 1)" 2>&1 | grep -q "^0:.*NONE.*load.0.1"; }
until_true has_open
kill -9 -- "-${smbd_pid[0]}" || fail "cannot kill smbd"
wait "${smbd_pid[0]}" 2>/dev/null
exec 7>&-
none_of_0() { ! smbstatus -s "$(smb_conf 1)" 2>&1 | grep -q "^0:"; }
until_true none_of_0
expect 0 "" smb 1 "del load.0.1"
[[ ! -e $base/share/load.0.1 ]] || fail "load.0.1 is still there"
for i in 1 2 3; do
  rm "$base/last.1.$i"
  until_true works "1.$i"
done
start_smbd 0
expect 0 "getting file" smb 0 "get load.1.1 $base/copy"
kill "${jobs_of_load[@]}" 2>/dev/null
wait "${jobs_of_load[@]}" 2>/dev/null
jobs_of_load=()

echo "-- who is a client of a stopped or banned node waits; the others do not"
is_fenced() { # is_fenced WORD
  expect 0 "putting file" smb 0 "put $base/file while_$1"
  timeout 5 smbclient -N -s "$(smb_conf 1)" -p "${port[1]}" //127.0.0.1/share \
    -c "put $base/file through_$1" >"$base/output" 2>&1 && fail "a node serves while $1"
  [[ ! -e $base/share/through_$1 ]] || fail "a node wrote while $1"
}
serves_again() { # serves_again WORD
  until_true smb 1 "ls"
  expect 0 "getting file" smb 1 "get while_$1 $base/copy"
  cmp "$base/file" "$base/copy" || fail "the file has changed"
}
on 1 ctdb stop || fail "stop"
is_fenced stopped
on 1 ctdb continue || fail "continue"
serves_again stopped
on 1 ctdb ban 300 || fail "ban"
is_fenced banned
on 1 ctdb unban || fail "unban"
serves_again banned
for node in 0 1; do
  kill -0 "${smbd_pid[$node]}" || fail "smbd of node $node has ended"
done
