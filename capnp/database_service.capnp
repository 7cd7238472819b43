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
  database @2 :Text;             # Of hotRecords().
}

struct LockCounts {
  # Record locks that the service took, and how long it waited for them.
  taken @0 :UInt64;
  waiting @1 :UInt64;            # Now.
  postponed @2 :UInt64;          # Waits that were given up for a moment, since others wait, too.
  waits @3 :List(UInt64);        # Below 1 ms, 10 ms, 100 ms, 1 s, 2 s, 4 s ... 64 s, and above.
  minSeconds @4 :Float64;
  averageSeconds @5 :Float64;
  maxSeconds @6 :Float64;
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
  locks @8 :LockCounts;
  copiesLent @9 :UInt64;         # Read-only copies of records of this node, to others.
  copiesRevoked @10 :UInt64;     # Before a write, of records that this node is home of.
  # Of databases of which each node has a copy:
  state @11 :Text;               # What this node's copy is doing.
  reason @12 :Text;              # Why it is closed or damaged, or empty.
  sequence @13 :UInt64;          # Of the last transaction.
}

struct LockReport {
  # A record lock that the service waits for.
  database @0 :Text;
  key @1 :Data;
  waitedSeconds @2 :Float64;
  obstacle @3 :Text;             # What keeps it from getting the lock.
}

struct RecordCopy {
  # What one node has of a record, whether or not it owns it.
  key @0 :Data;
  value @1 :Data;                # Empty: deleted.
  owner @2 :UInt32;              # As this copy knows it.
  epoch @3 :UInt64;
  counter @4 :UInt64;
  flags @5 :UInt32;              # 1 deleted, 2 to be read only, 4 others may read copies, 8 a
                                 # copy that was to be read, 16 a program watches it.
  owned @6 :Bool;                # By the node that is asked, now.
}

struct CopyMark {
  # What this node's full copy is, or was, at a position.
  epoch @0 :UInt64;
  sequence @1 :UInt64;
  digestHigh @2 :UInt64;
  digestLow @3 :UInt64;
}

struct RecordLook {
  # One record of a volatile database, as this node sees it.
  copy @0 :RecordCopy;           # Without its value.
  isThere @1 :Bool;              # A copy.
  isHome @2 :Bool;               # This node is its home, and knows what there is to know.
  homeOwner @3 :Int64;           # Who owns it, as the home knows; negative: nobody.
  valueHash @4 :UInt64;          # Equal values have equal ones; 0: it is empty.
}

struct RecoveryProgress {
  # Of a database that is not settled: how far this node is, as a home, or with its full copy.
  database @0 :Text;
  seconds @1 :Float64;           # Since it began to ask what other nodes have.
  copies @2 :UInt64;             # Of records that came to this home, as they have told.
  scanned @3 :UInt64;            # Records that they have looked at for that,
  stored @4 :UInt64;             # of so many that they have, as far as they have said.
  waitsFor @5 :List(UInt32);     # Who has not told everything.
  state @6 :Text;                # Of a full copy: what it is doing.
}

interface Snapshot {
  # All records of a full copy at one position. It ends when it is dropped, or when nobody has asked
  # for a page for a minute.
  next @0 () -> (records :List(Database.ListedRecord), last :Bool);
}

interface DatabaseService extends(Control.DaemonControl) {
  list @0 () -> (databases :List(Database.DatabaseInfo), epoch :UInt64, settled :Bool);
  databaseStatus @1 (name :Text) -> (status :DatabaseStatus);
  attach @2 (name :Text, kind :Database.DatabaseKind, engine :Database.DatabaseEngine)
      -> (info :Database.DatabaseInfo);
  detach @3 (name :Text);
  setReadOnlyCopies @4 (name :Text, mode :Text);
  resetDatabaseStatistics @5 (name :Text);
  locks @6 () -> (locks :List(LockReport));
  copies @7 (name :Text, bucket :UInt64, after :Data)
      -> (copies :List(RecordCopy), bucket :UInt64, after :Data, last :Bool);
  # A page of what this node has of a database. The first one begins at bucket 0 and after nothing,
  # each further one where the one before it says.
  hotRecords @8 () -> (records :List(HotRecord));  # Of all databases, of this node's homes.
  # Of databases of which each node has a copy:
  snapshot @9 (name :Text) -> (snapshot :Snapshot, epoch :UInt64, sequence :UInt64);
  copyMarks @10 (name :Text) -> (marks :List(CopyMark));  # Oldest first.
  checkFile @11 (name :Text) -> (problem :Text);  # Reads all of it. Empty: all is well.
  # Of volatile ones: some records at one moment each. At most 1000.
  lookAtRecords @12 (name :Text, keys :List(Data)) -> (looks :List(RecordLook));
  recovery @13 () -> (epoch :UInt64, databases :List(RecoveryProgress));
  # Databases that are settled are left out.
}
