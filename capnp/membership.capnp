# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What the cluster services of different nodes send each other: packets of kind data, with a
# ClusterPacket as payload, to the service "cluster" of a node.

@0xb6a1f0c27e934d58;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

using Types = import "types.capnp";

struct FlagReason {
  flag @0 :UInt32;             # One bit of NodeState.flags.
  text @1 :Text;
}

struct NodeState {
  # What a node says about itself; nobody else changes it.
  node @0 :UInt32;
  incarnation @1 :UInt64;      # New at every start of its cluster service.
  version @2 :UInt64;          # Counts the changes within an incarnation.
  flags @3 :UInt32;            # 2 unhealthy, 4 disabled, 8 banned, 32 stopped.
  mayNotLead @4 :Bool;
  mayNotBeHome @5 :Bool;
  runState @6 :Types.RunState;
  adoptedEpoch @7 :UInt64;     # The newest view it has taken over.
  settledEpoch @8 :UInt64;     # The newest one that its services have adapted to.
  connected @9 :List(UInt32);  # Whom it hears and who hear it.
  nodesDigest @10 :UInt64;     # Of its nodes list.
  clusterLock @11 :Text;       # As configured; "" for none.
  reasons @12 :List(FlagReason);
  follows @13 :UInt64;         # The ballot of the leader that it follows; 0: of none.
  formerView @14 :View;        # Adopted, unless that leader has formed it.
}

struct View {
  # The cluster as the leader of an epoch has decided it.
  epoch @0 :UInt64;
  leader @1 :UInt32;
  members @2 :List(UInt32);    # The active nodes.
  homes @3 :List(UInt32);      # Those of them that records are spread over.
  settled @4 :Bool;            # Every member has adapted to it.
  joined @5 :List(UInt64);     # For each member: the epoch since which it has always been one.
}

struct ClusterPacket {
  union {
    alive :group {
      incarnation @0 :UInt64;
      hears @1 :List(UInt32);        # Whose keepalives arrive at the sender.
      partingToken @30 :UInt64;      # Whoever says it speaks for a run that has ended; 0: nobody.
    }
    voteRequest :group {
      requestTrial @2 :Bool;         # Only asks what the answer would be.
      requestBallot @3 :UInt64;
      requestSent @4 :Int64;         # On the sender's clock; comes back in the answer.
    }
    voteReply :group {
      replyTrial @5 :Bool;
      replyBallot @6 :UInt64;
      replyGranted @7 :Bool;
      replyHighest @8 :UInt64;
      replySent @9 :Int64;
      replyReleased @28 :Int64;      # Nanoseconds that former leaders' grants may still last.
      replyParted @31 :List(UInt32); # But those to these nodes do not: they have ended.
    }
    beat :group {
      beatBallot @10 :UInt64;
      beatSent @11 :Int64;
      beatEcho @12 :Int64;           # When the receiver sent its last answer, on its clock.
      beatGrant @13 :Int64;          # Nanoseconds from then on that it may serve.
      beatOnlyExtends @29 :Bool;     # Unless it does not serve when this arrives.
    }
    beatReply :group {
      answerBallot @14 :UInt64;
      answerAccepted @15 :Bool;
      answerHighest @16 :UInt64;
      answerEcho @17 :Int64;
      answerSent @18 :Int64;
    }
    resign @19 :UInt64;              # A ballot.
    state @20 :NodeState;
    view @21 :View;
    ban :group {
      banEpoch @22 :UInt64;
      banSeconds @23 :UInt32;
      banReason @24 :Text;
    }
    blame :group {
      blamedNode @25 :UInt32;
      blameCredits @26 :UInt32;
      blameReason @27 :Text;
    }
  }
}
