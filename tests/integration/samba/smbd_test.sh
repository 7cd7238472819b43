#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Debian's unmodified smbd, smbclient, smbstatus and net on two of three nodes.
source tests/integration/cli/cluster.sh
source tests/integration/samba/samba.sh
[[ $(id -u) -eq 0 ]] || { echo "smbd needs root: skipped"; exit 0; }
trap 'stop_smbd; "$ctdb" local destroy "$base/c" >/dev/null 2>&1; rm -rf "$base"' EXIT

start_samba_cluster -n 3
start_smbd 0
start_smbd 1

echo "-- a file stored on one node is read on the other"
echo "hello from node 0" >"$base/file"
expect 0 "putting file" smb 0 "put $base/file shared"
expect 0 "getting file" smb 1 "get shared $base/copy"
cmp "$base/file" "$base/copy" || fail "the file has changed on its way"

echo "-- a configuration made on one node is that of the other (TXN-10)"
expect 0 "" net conf addshare second "$base/share" writeable=y guest_ok=y -s "$(smb_conf 0)"
expect 0 "[second]" net conf list -s "$(smb_conf 1)"

echo "-- processes of different nodes send each other messages (MS-10)"
expect 0 "PONG from pid 1:${smbd_pid[1]}" smbcontrol -s "$(smb_conf 0)" "1:${smbd_pid[1]}" ping

echo "-- what happens on one node is told on the other (MS-18)"
expect 0 "" smb 0 "mkdir watched"
timeout 60 stdbuf -oL smbclient -N -s "$(smb_conf 0)" -p "${port[0]}" //127.0.0.1/share \
  -c "notify watched" >"$base/notices" 2>&1 &
watcher=$!
was_told() { smb 1 "put $base/file watched/news" && grep -q "news" "$base/notices"; }
until_true was_told
kill "$watcher"

echo "-- each node shows the sessions of all (TRV-2)"
mkfifo "$base/hold.0"
(echo "open shared"; cat "$base/hold.0") |
  smbclient -N -s "$(smb_conf 0)" -p "${port[0]}" //127.0.0.1/share >"$base/held" 2>&1 &
holder=$!
exec 7>"$base/hold.0"
is_open() { smbstatus -L -s "$(smb_conf 1)" 2>&1 | grep -q shared; }
until_true is_open
expect 0 "0:" smbstatus -s "$(smb_conf 1)"
expect 0 "shared" smbstatus -L -s "$(smb_conf 1)"

echo "-- what is open on one node cannot be deleted on the other"
expect 0 "NT_STATUS_SHARING_VIOLATION" smb 1 "del shared"
exec 7>&-
wait "$holder"
not_open() { ! is_open; }
until_true not_open
expect 0 "" smb 1 "del shared"

echo "-- a node whose daemon dies takes its smbd with it, and the other goes on"
expect 0 "" smb 1 "put $base/file survivor"
(cat "$base/hold.0") | smbclient -N -s "$(smb_conf 1)" -p "${port[1]}" //127.0.0.1/share \
  >/dev/null 2>&1 &
exec 7>"$base/hold.0"
has_session() { smbstatus -np -s "$(smb_conf 0)" 2>&1 | grep -q "^$1:"; }
has_none() { ! has_session "$1"; }
until_true has_session 1
kill -9 "$(on 1 ctdb getpid | grep -o '[0-9]*$')" || fail "cannot kill node 1's daemon"
has_ended() { ! kill -0 "$1"; }
until_true has_ended "${smbd_pid[1]}"
expect 0 "getting file" smb 0 "get survivor $base/copy"
cmp "$base/file" "$base/copy" || fail "the file has changed"
until_true has_none 1
expect 0 "" smb 0 "del survivor"
expect 0 "[second]" net conf list -s "$(smb_conf 0)"
exec 7>&-
