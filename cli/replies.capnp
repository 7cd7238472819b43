# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What `ctdb --json` prints where there is no single RPC reply to print: made by the tool from
# several replies, from files, or from its own work.

@0xd5d0b1f3c9a8e746;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::cli::reply");

using Types = import "../capnp/types.capnp";
using Transport = import "../capnp/transport.capnp";
using Master = import "../capnp/master.capnp";
using Control = import "../capnp/control.capnp";
using Cluster = import "../capnp/cluster.capnp";
using DatabaseService = import "../capnp/database_service.capnp";

struct Nothing {}              # Of commands that only do something.

struct Version {
  version @0 :Text;
}

struct NodeNumber {
  node @0 :UInt32;
}

struct NodesFile {
  nodes @0 :List(Entry);

  struct Entry {
    node @0 :UInt32;
    address @1 :Text;
  }
}

struct NodeStatusExtras {      # Follows the keys of older tools in `status`.
  transport @0 :List(Transport.Node);
  processes @1 :List(Master.Process);
  logging @2 :Control.LogSinkStatus;
  cluster @3 :Cluster.Overview;  # Left out when no cluster service answers.
}

struct Leader {
  node @0 :UInt32;             # That was asked.
  leaderKnown @1 :Bool;
  leader @2 :UInt32;
}

struct Capabilities {
  node @0 :UInt32;
  leader @1 :Bool;             # It may lead.
  lmaster @2 :Bool;            # It may be the home of records.
}

struct ClusterLock {
  node @0 :UInt32;
  clusterLock @1 :Text;        # "" for none.
}

struct Recovered {
  node @0 :UInt32;
  leader @1 :UInt32;           # That was told.
  generationBefore @2 :UInt64;
  generation @3 :UInt64;
}

struct FlagChange {
  node @0 :UInt32;
  changed @1 :Bool;            # False when it was so already.
  flags @2 :UInt32;            # As they are now.
}

struct NodesReload {
  changed @0 :Bool;            # False when there was nothing to do.
  new @1 :List(UInt32);
  deleted @2 :List(UInt32);
  undeleted @3 :List(UInt32);
  disconnected @4 :List(UInt32);  # Not told.
  failed @5 :List(UInt32);     # Were told and could not do it.
}

struct Why {
  node @0 :UInt32;
  state @1 :Text;              # "OK", "DISABLED|BANNED".
  reasons @2 :List(Reason);
  changes @3 :List(Cluster.Change);  # Newest first, each the cause of the one before it.

  struct Reason {
    flag @0 :Text;             # "BANNED"
    text @1 :Text;
  }
}

struct MissedChanges {         # Stands in the stream of `events` where changes are missing.
  missed @0 :UInt64;
}

struct Uptime {
  overview @0 :Master.NodeOverview;
  lastRecovery @1 :Recovery;   # Left out when no cluster service answers.

  struct Recovery {
    time @0 :Float64;          # Seconds since 1970.
    seconds @1 :Float64;       # How long it took; negative: it goes on.
  }
}

struct Ping {
  node @0 :UInt32;
  seconds @1 :Float64;         # From question to answer.
  clients @2 :UInt32;
}

struct RunState {
  node @0 :UInt32;
  runState @1 :Types.RunState;
}

struct Statistics {
  node @0 :UInt32;
  daemons @1 :List(Daemon);

  struct Daemon {
    name @0 :Text;
    since @1 :Float64;         # Seconds since 1970.
    now @2 :Float64;
    counters @3 :List(Types.Counter);
  }
}

struct Processes {
  node @0 :UInt32;
  processes @1 :List(Master.Process);
}

struct Message {
  source @0 :Text;             # An address: node/service:instance.
  channel @1 :UInt64;
  text @2 :Text;               # What is not printable appears as \xNN.
  bytes @3 :UInt64;            # Its length as received.
}

struct ProcessExists {
  node @0 :UInt32;
  pid @1 :UInt32;
  exists @2 :Bool;             # As a client of the node.
}

struct Waited {
  condition @0 :Text;
  met @1 :Bool;
  seconds @2 :Float64;
  state @3 :Text;              # What was seen last.
}

struct ConfigCheck {
  valid @0 :Bool;
  problems @1 :List(Text);
}

struct LocalCluster {
  directory @0 :Text;
  nodes @1 :List(Node);

  struct Node {
    number @0 :UInt32;
    address @1 :Text;
    state @2 :Text;            # "running", "paused", "stopped".
    pid @3 :UInt32;            # 0 when stopped.
  }
}

# Keys and values: as text, if it is printable ASCII, else 0x and hexadecimal digits. Commands take
# them in this form, too.

struct Databases {
  node @0 :UInt32;
  databases @1 :List(Database);
}

struct Database {
  id @0 :UInt32;
  name @1 :Text;
  kind @2 :Text;               # "volatile"
  path @3 :Text;
  readOnlyCopies @4 :Text;     # "automatic"
  settled @5 :Bool;
  records @6 :UInt64;          # Copies on this node.
  memoryBytes @7 :UInt64;
  coldBytes @8 :UInt64;
}

struct DatabaseSequence {
  database @0 :Text;
  sequence @1 :UInt64;
  counted @2 :Bool;            # False: changes of this kind of database are not counted.
}

struct DatabaseStatistics {
  node @0 :UInt32;
  database @1 :Text;
  locks @2 :DatabaseService.LockCounts;
  counters @3 :List(Types.Counter);
  hotRecords @4 :List(HotRecord);
  copiesLent @5 :UInt64;       # To be read only.
  copiesRevoked @6 :UInt64;
}

struct HotRecord {
  database @0 :Text;
  home @1 :UInt32;             # The node that says so.
  key @2 :Text;
  moves @3 :UInt64;            # Within one second, at most.
}

struct HotRecords {
  records @0 :List(HotRecord); # Hottest first.
}

struct RecoveringDatabase {
  node @0 :UInt32;             # That says so.
  progress @1 :DatabaseService.RecoveryProgress;
}

struct RecoveryStatus {
  databases @0 :List(RecoveringDatabase);  # Those that are settled are left out.
}

struct LockWait {
  node @0 :UInt32;             # Whose service waits.
  database @1 :Text;
  key @2 :Text;
  seconds @3 :Float64;         # How long already.
  obstacle @4 :Text;
}

struct LockWaits {
  locks @0 :List(LockWait);
}

struct Detached {
  detached @0 :List(Text);
  failed @1 :List(Text);       # Unknown ones among them.
}

struct Value {
  database @0 :Text;
  key @1 :Text;
  value @2 :Text;
  bytes @3 :UInt64;            # 0: there is no such record.
}

struct Record {                # One copy of one.
  key @0 :Text;
  value @1 :Text;
  owner @2 :UInt32;
  epoch @3 :UInt64;
  counter @4 :UInt64;
  flags @5 :UInt32;
  owned @6 :Bool;              # By the node that told of it.
}

struct Rates {
  node @0 :UInt32;
  counters @1 :List(Rate);     # Those that changed.

  struct Rate {
    daemon @0 :Text;
    name @1 :Text;
    value @2 :UInt64;
    perSecond @3 :Float64;
  }
}
