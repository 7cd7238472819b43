# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# databased: this node's databases. What clients do with records is in database.capnp.

@0xf4c0d2be81a7936a;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

using Control = import "control.capnp";
using Database = import "database.capnp";
using Types = import "types.capnp";

struct HotRecord {
  key @0 :Data;
  moves @1 :UInt64;              # Within one second, at most.
}

struct DatabaseStatus {
  info @0 :Database.DatabaseInfo;
  isSettled @1 :Bool;            # All that this node is home of is known in the present epoch.
  readOnlyCopies @2 :Text;       # "off", "on", "automatic".
  records @3 :UInt64;            # Copies on this node.
  memoryBytes @4 :UInt64;
  coldBytes @5 :UInt64;
  counters @6 :List(Types.Counter);
  hotRecords @7 :List(HotRecord);
}

struct LockReport {
  # A record lock that the service waits for.
  database @0 :Text;
  key @1 :Data;
  waitedSeconds @2 :Float64;
  obstacle @3 :Text;             # What keeps it from getting the lock.
}

interface DatabaseService extends(Control.DaemonControl) {
  list @0 () -> (databases :List(Database.DatabaseInfo), epoch :UInt64, settled :Bool);
  databaseStatus @1 (name :Text) -> (status :DatabaseStatus);
  attach @2 (name :Text, kind :Database.DatabaseKind) -> (info :Database.DatabaseInfo);
  detach @3 (name :Text);
  setReadOnlyCopies @4 (name :Text, mode :Text);
  resetDatabaseStatistics @5 (name :Text);
  locks @6 () -> (locks :List(LockReport));
}
