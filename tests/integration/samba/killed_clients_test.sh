#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Programs of Samba's that are killed at any moment of a transaction or of a traverse, and files
# that are damaged when a node starts.
source tests/integration/cli/cluster.sh
source tests/integration/samba/samba.sh
[[ $(id -u) -eq 0 ]] || { echo "smbd needs root: skipped"; exit 0; }
trap 'stop_smbd; "$ctdb" local destroy "$base/c" >/dev/null 2>&1; rm -rf "$base"' EXIT

# Of two transactions: "net" ends the first one after the first share, and takes a hundred after it.
kShares=90
kKills=12

start_samba_cluster -n 3
start_smbd 0
start_smbd 1
for ((i = 1; i <= kShares; ++i)); do
  printf '[many%d]\n\tpath = %s\n\tcomment = number %d\n' "$i" "$base/share" "$i"
done >"$base/shares.conf"

conf() { # conf NODE ARGUMENT...
  local node=$1
  shift
  timeout 20 net conf "$@" -s "$(smb_conf "$node")"
}
shares() { conf "$1" listshares 2>/dev/null | grep -c '^many'; }
both_have() { [[ $(shares 0) -eq $1 && $(shares 1) -eq $1 ]]; }
now() { date +%s%N; }

# moments BEGIN: of what began then and has ended now, in seconds.
moments() {
  local all=$(($(now) - $1)) i
  for ((i = 0; i < kKills; ++i)); do
    printf '%d.%09d\n' $((all * i / kKills / 1000000000)) $((all * i / kKills % 1000000000))
  done
}

# killed_after SECONDS COMMAND...: unless it has ended before.
killed_after() { (timeout -s KILL "$@"; true) >/dev/null 2>&1; }

echo "-- a transaction whose client is killed happens as a whole or not at all"
begin=$(now)
conf 0 import "$base/shares.conf" || fail "import"
[[ $(shares 1) -eq $kShares ]] || fail "there are $(shares 1) shares"
happened=0
for moment in $(moments "$begin"); do
  conf 1 drop || fail "the lock of who was killed is not free"
  killed_after "$moment" net conf import "$base/shares.conf" -s "$(smb_conf 0)"
  for node in 0 1; do
    count=$(shares $node)
    [[ $count -eq 0 || $count -eq 1 || $count -eq $kShares ]] ||
      fail "$count shares on node $node after $moment"
  done
  until_true eval "both_have 0 || both_have 1 || both_have $kShares"
  both_have $kShares && ((++happened))
done
[[ $happened -lt $kKills ]] || fail "nobody was killed early enough"

echo "-- a traverse whose client is killed hinders nobody"
conf 0 drop && conf 0 import "$base/shares.conf" || fail "import"
mkfifo "$base/hold"
opening=""
: >"$base/share/waits"
for ((i = 0; i < 40; ++i)); do
  : >"$base/share/file$i"
  opening+="open file$i; "
done
# The last command waits for somebody who reads from the pipe.
timeout 100 smbclient -N -s "$(smb_conf 0)" -p "${port[0]}" //127.0.0.1/share \
  -c "${opening}get waits $base/hold" >"$base/held" 2>&1 &
session=$!
opened() { smbstatus -L -s "$(smb_conf "$1")" 2>/dev/null | grep -c "file[0-9]"; }
all_opened() { [[ $(opened 1) -eq 40 ]]; }
until_true all_opened
begin=$(now)
smbstatus -s "$(smb_conf 1)" >/dev/null 2>&1 || fail "smbstatus"
for moment in $(moments "$begin"); do
  killed_after "$moment" smbstatus -s "$(smb_conf 1)"
  [[ $(opened 0) -eq 40 ]] || fail "$(opened 0) files are open after $moment"
  expect 0 "" smb 1 "get file1 $base/copy"
done
cat "$base/hold" >/dev/null
wait "$session" || fail "the session has ended: $(cat "$base/held")"

echo "-- damaged files at the start of a node: from the others, or anew"
stop_smbd
"$ctdb" local stop "$base/c" || fail "stop"
damaged=0
for file in "$base"/c/node.0/db/*/{registry,secrets,share_info,locking,g_lock}.tdb*; do
  [[ -s $file && $file != *-lock ]] || continue
  head -c 20000 /dev/urandom | dd of="$file" bs=1k conv=notrunc status=none
  ((++damaged))
done
[[ $damaged -ge 4 ]] || fail "only $damaged files: $(find "$base/c/node.0/db")"
"$ctdb" local start "$base/c" || fail "start"
on all ctdb wait --for running --timeout 20 >/dev/null || fail "not running"
for node in 0 1; do start_smbd $node; done
until_true both_have $kShares
expect 0 "" smb 0 "put $base/shares.conf again; del again"
find "$base/c/node.0/db" -name "*.corrupted.*" | grep -q registry || fail "nothing was moved aside"
