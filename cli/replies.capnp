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
  runState @1 :Master.RunState;
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
