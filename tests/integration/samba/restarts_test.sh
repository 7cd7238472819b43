#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Debian's unmodified smbd goes on while the services behind the proxy crash (DIS-9).
source tests/integration/cli/cluster.sh
source tests/integration/samba/samba.sh
[[ $(id -u) -eq 0 ]] || { echo "smbd needs root: skipped"; exit 0; }
trap 'stop_smbd; "$ctdb" local destroy "$base/c" >/dev/null 2>&1; rm -rf "$base"' EXIT

start_samba_cluster -n 3 --multi
start_smbd 0
start_smbd 1
echo "hello" >"$base/file"

# A session that stays open all the time.
mkfifo "$base/hold"
(cat "$base/hold") | smbclient -N -s "$(smb_conf 0)" -p "${port[0]}" //127.0.0.1/share \
  >"$base/held" 2>&1 &
session=$!
exec 7>"$base/hold"

has_session() { smbstatus -np -s "$(smb_conf 1)" 2>&1 | grep -q "^0:"; }
until_true has_session
for service in databased transportd clusterd; do
  echo "-- $service crashes"
  pid=$(pgrep -P "$(cat "$base/c/node.0/run/ctdbd.pid")" -x "$service")
  kill -9 "$pid" || fail "there is no $service"
  for node in 0 1; do
    expect 0 "getting file" smb "$node" "put $base/file $service; get $service $base/copy"
    cmp "$base/file" "$base/copy" || fail "the file has changed"
    expect 0 "" smb "$node" "del $service"
  done
  # Whose cluster service dies has left the cluster, and its volatile records with it.
  [[ $service == clusterd ]] || until_true has_session
  kill -0 "${smbd_pid[0]}" || fail "smbd has ended: $(tail -5 "$base/smb.0/output")"
done

echo "-- the session that was open before still works"
echo "ls" >&7
exec 7>&-
wait "$session" || fail "the session has ended: $(cat "$base/held")"
grep -q "blocks available" "$base/held" || fail "the session does not work: $(cat "$base/held")"
