#!/usr/bin/env bash
# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# The command of Debian's ctdb package with daemons of ours: what a site's scripts call goes on.
source tests/integration/cli/cluster.sh
source tests/integration/samba/samba.sh

start_samba_cluster -n 2

echo "-- nodes"
expect 0 "1" old_ctdb 1 pnn
expect 0 "Number of nodes:2" old_ctdb 0 status
expect 0 "Recovery mode:NORMAL (0)" old_ctdb 0 status
expect 0 "OK (THIS NODE)" old_ctdb 0 nodestatus
expect 0 "response from 1" old_ctdb 0 ping -n 1
expect 0 "RUNNING" old_ctdb 0 runstate
expect 0 "LEADER: YES" old_ctdb 0 getcapabilities
expect 0 "Ctdbd start time" old_ctdb 0 uptime
expect 0 "" old_ctdb 0 getpid

echo "-- tunables and statistics"
expect 0 "ControlTimeout             = 60" old_ctdb 0 getvar ControlTimeout
expect 0 "" old_ctdb 0 setvar ControlTimeout 61
expect 0 "= 61" old_ctdb 0 getvar controltimeout
expect 0 "VacuumInterval" old_ctdb 0 listvars
expect 0 "num_clients" old_ctdb 0 statistics
expect 0 "resident" old_ctdb 0 dumpmemory
expect 0 "Public IPs on node 0" old_ctdb 0 ip

echo "-- records move between nodes"
expect 0 "" old_ctdb 0 attach test.tdb
expect 0 "" old_ctdb 0 writekey test.tdb key hello
expect 0 "Data: size:5 ptr:[hello]" old_ctdb 1 readkey test.tdb key
expect 0 "" old_ctdb 1 writekey test.tdb key again
expect 0 "Data: size:5 ptr:[again]" old_ctdb 0 readkey test.tdb key
expect 0 "Dumped 1 records" old_ctdb 0 catdb test.tdb
expect 0 "" old_ctdb 0 deletekey test.tdb key
expect 0 "Dumped 0 records" old_ctdb 1 catdb test.tdb

echo "-- databases"
expect 0 "name:test.tdb" old_ctdb 1 getdbmap
expect 0 "HEALTH: OK" old_ctdb 0 getdbstatus test.tdb
expect 0 "" old_ctdb 0 setdbreadonly test.tdb
expect 0 "READONLY: yes" old_ctdb 0 getdbstatus test.tdb
expect 0 "DB Statistics test.tdb" old_ctdb 0 dbstatistics test.tdb

echo "-- transactions on a persistent database"
expect 0 "" old_ctdb 0 attach config.tdb persistent
expect 0 "" old_ctdb 0 pstore config.tdb key value
expect 0 "value" old_ctdb 1 pfetch config.tdb key
expect 0 "0x1" old_ctdb 1 getdbseqnum config.tdb
expect 0 "" old_ctdb 1 pdelete config.tdb key
expect 0 "0x2" old_ctdb 0 getdbseqnum config.tdb
