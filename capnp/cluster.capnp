# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# clusterd: who is in the cluster, who leads it, and since when.

@0xe3d1a5c58b7d6f02;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

using Control = import "control.capnp";
using Membership = import "membership.capnp";

struct NodeReport {
  # One node as the node that was asked knows it.
  state @0 :Membership.NodeState;  # Empty but for the number when nothing was heard from it yet.
  address @1 :Text;
  flags @2 :UInt32;            # The node's own ones, and 1 disconnected, 16 deleted.
  known @3 :Bool;              # Whether its state was heard.
  active @4 :Bool;             # A member of the view.
}

struct Overview {
  # The cluster as one node knows it.
  node @0 :UInt32;
  nodes @1 :List(NodeReport);
  view @2 :Membership.View;               # Epoch 0 before the first one.
  leaderKnown @3 :Bool;
  leader @4 :UInt32;
  acting @5 :Bool;             # This node leads and may act.
  serving @6 :Bool;            # This node may serve clients: the leader was heard in time.
  waitingFor @7 :Text;         # While nobody leads: what for. Else "".
  engine @8 :Text;             # "builtin"
  rule @9 :Text;               # "majority", "cluster lock", "two nodes".
  clusterLock @10 :Text;       # As configured; "" for none.
  warnings @11 :List(Text);    # What an administrator should mend: different nodes lists, ...
  lastChange @12 :Float64;     # Seconds since 1970: when the present view was taken over.
  changeSeconds @13 :Float64;  # How long the cluster took to settle in it; negative: it has not.
}

enum ChangeKind {
  unknown @0;
  connection @1;               # A node was connected or lost.
  flags @2;                    # A node's own flags or roles changed.
  runState @3;
  leader @4;
  view @5;
  settled @6;
  nodesList @7;
  order @8;                    # An administrator or the leader asked for something.
  warning @9;
  parted @10;                  # A node that is gone need not be waited for.
}

struct Change {
  # One thing that happened, as the node that was asked saw it.
  sequence @0 :UInt64;         # Without gaps within an incarnation.
  time @1 :Float64;            # Seconds since 1970.
  kind @2 :ChangeKind;
  node @3 :UInt32;             # Whom it is about.
  before @4 :Text;             # "OK"
  after @5 :Text;              # "DISCONNECTED"
  text @6 :Text;               # A sentence.
  cause @7 :UInt64;            # The sequence of the change that led to this one; 0: none known.
}

interface ChangeListener {
  # Called in order, and again only after it has answered. `missed` changes were dropped before
  # these because the listener was too slow, or because they are older than what is kept.
  changed @0 (changes :List(Change), missed :UInt64);
}

interface Subscription {}      # Ends when it is dropped.

interface ViewListener {
  # Called again only after it has answered, with what holds then. Epoch 0: no view yet. A point in
  # time of CLOCK_BOOTTIME in nanoseconds, until which this node may serve clients; 0: not now.
  changed @0 (view :Membership.View, serveUntil :Int64);
}

struct NodesFile {
  struct Entry {
    node @0 :UInt32;
    address @1 :Text;
    deleted @2 :Bool;
  }
  nodes @0 :List(Entry);
}

interface Cluster extends(Control.DaemonControl) {
  overview @0 () -> (overview :Overview);
  # These act on the node that is asked; `reason` is kept and shown. They are answered when the node
  # has changed, not when the cluster has followed.
  stop @1 (reason :Text) -> (changed :Bool);
  continue @2 (reason :Text) -> (changed :Bool);
  disable @3 (reason :Text) -> (changed :Bool);
  enable @4 (reason :Text) -> (changed :Bool);
  ban @5 (seconds :UInt32, reason :Text) -> (changed :Bool);
  unban @6 (reason :Text) -> (changed :Bool);
  setRoles @7 (setsLead :Bool, lead :Bool, setsHome :Bool, home :Bool);
  setHealth @8 (healthy :Bool, reason :Text) -> (changed :Bool);
  # The change that led to the present state of a node, its cause, the cause of that, and so on.
  why @9 (node :UInt32) -> (changes :List(Change));
  # Changes from `after` on (0: all that are kept), then everything new. `run` tells the starts of
  # the service apart: `after` of another run counts as 0, unless `run` is 0.
  subscribe @10 (listener :ChangeListener, after :UInt64, run :UInt64)
      -> (subscription :Subscription, run :UInt64);
  # The list that this node's configuration names now, and the one it works with.
  nodesFile @11 () -> (file :NodesFile, inUse :NodesFile);
  # First step of a change of the list: from now on majorities of both lists are needed.
  prepareNodes @12 ();
  # Second step: the new list counts alone.
  commitNodes @13 ();
  blame @14 (node :UInt32, credits :UInt32, reason :Text);
  # A new epoch with the same nodes.
  recover @15 (reason :Text);
  tunableChanged @16 (name :Text, value :UInt32);
  # For services of this node: the newest view, and until when they may serve.
  follow @17 (listener :ViewListener) -> (subscription :Subscription);
  # This node's services have adapted to the view of this epoch.
  settled @18 (epoch :UInt64);
}
