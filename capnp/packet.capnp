# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# The envelope of everything that is sent: between daemons, clients and nodes.
#
# On a stream socket a packet is one Cap'n Proto message in the standard stream framing with exactly
# one segment: a little-endian UInt32 0, a little-endian UInt32 with the number of 8-byte words that
# follow, and these words. Nothing else is ever sent. docs/protocol.md has the limits and the bytes.
#
# Routing reads the numbers of this struct and never follows the payload pointer; a packet is passed
# on byte for byte, so fields that a router does not know survive it.

@0x98776f3befa06d35;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

enum Kind {
  handshake @0;      # payload: Handshake. First packet on every connection, each way.
  control @1;        # payload: Control. Endpoint to its own transport.
  notice @2;         # payload: Notice. Transport to endpoint.
  rpc @3;            # payload: Message of rpc.capnp. channel: the RPC session; the side
                     # that accepted the session sets the highest bit.
  data @4;           # payload: a struct that the receiving service defines.
  message @5;        # payload: Data. channel: the message channel; every subscriber gets it.
  stream @6;         # payload: StreamFrame. channel: the stream.
}

struct Packet {
  majorVersion @0 :UInt8;   # Must equal the receiver's.
  minorVersion @1 :UInt8;   # May differ.
  kind @2 :Kind;
  bulk @3 :Bool;            # Waits for everything that is not bulk.
  sourceService @4 :UInt16;
  sourceNode @5 :UInt32;
  sourceInstance @6 :UInt64;
  destinationService @7 :UInt16;
  destinationNode @8 :UInt32;
  destinationInstance @9 :UInt64;
  channel @10 :UInt64;
  requestId @11 :UInt64;    # Chosen by the sender; a notice about this packet repeats it.
  payload @12 :AnyPointer;
}

struct Handshake {
  union {
    endpointHello :group {  # An endpoint to its transport.
      software @0 :Text;    # For people: "ctdb 0.1.0".
      service @1 :UInt16;   # What it wants to be; all but clients must run as the daemons' user.
    }
    nodeHello :group {      # The node that dialled.
      node @2 :UInt32;
      incarnation @3 :UInt64;   # New at every start of the transport.
      expectedNode @4 :UInt32;  # Who the dialler thinks it talks to.
      nodeSoftware @5 :Text;
      parts @12 :Bool;          # This is no node but its guardian: the node has ended. Nothing but
                                # `parting` follows the welcome.
    }
    welcome :group {
      node @6 :UInt32;
      instance @7 :UInt64;      # To an endpoint: its own instance.
      incarnation @8 :UInt64;
      welcomeSoftware @9 :Text;
    }
    refused :group {
      code @10 :UInt16;         # An absl::StatusCode.
      reason @11 :Text;
    }
    parting @13 :UInt64;        # What the cluster service of the node that has ended gave to its
                                # guardian. Answered by another welcome.
  }
}

struct Control {
  union {
    subscribe @0 :UInt64;    # A channel.
    unsubscribe @1 :UInt64;
    setGroup :group {        # Daemons of this node only.
      group @2 :UInt32;      # The number of a group of nodes ("active", "leader").
      members @3 :List(UInt32);
    }
    ping @4 :Void;           # Answered by Notice.pong with the same requestId.
    findProcess :group {     # Answered by Notice.processFound with the same requestId.
      pid @5 :UInt32;
      listensOn @6 :Bool;    # Only a client of it that has subscribed to `channel`.
      channel @7 :UInt64;
    }
  }
}

struct Notice {
  union {
    undeliverable :group {   # A packet of the receiver's was not delivered.
      reason @0 :UndeliverableReason;
      node @1 :UInt32;       # Where it was to go.
      service @2 :UInt16;
      instance @3 :UInt64;
      kind @4 :UInt16;
    }
    endpointGone :group {    # An endpoint that RPC or streams were exchanged with disconnected. The
                             # packet's source is that endpoint.
      goneNode @5 :UInt32;
      goneService @6 :UInt16;
      goneInstance @7 :UInt64;
    }
    nodeUp @8 :UInt32;       # The link to a node works.
    nodeDown @9 :UInt32;     # The link to a node is lost; nothing sent to it will be answered.
    pong @10 :Void;
    processFound @11 :Bool;  # Whether the process is a client of that transport now.
    nodeParted :group {      # To the cluster service: the guardian of a node said this.
      partedNode @12 :UInt32;
      token @13 :UInt64;
      asOf @14 :Int64;       # It was there then: CLOCK_BOOTTIME, nanoseconds.
    }
  }
}

enum UndeliverableReason {
  unknown @0;
  noSuchNode @1;
  nodeNotConnected @2;
  noSuchService @3;
  noSuchInstance @4;
  noSubscriber @5;
  overloaded @6;             # The queue to the receiver is full.
  noSuchGroup @7;            # A group without members.
}

struct StreamFrame {
  # One step of a bulk transfer, see lib/transport/stream.h. The receiver grants credit in bytes;
  # the sender never has more on the way than was granted.
  union {
    open :group {
      name @0 :Text;         # What is offered, for the receiver to accept or refuse.
      bytesTotal @1 :UInt64; # 0 when not known.
    }
    credit @2 :UInt64;       # Receiver to sender: bytes granted since the stream began.
    chunk :group {
      offset @3 :UInt64;
      bytes @4 :Data;
    }
    end @5 :UInt64;          # Sender: all was sent; how many bytes.
    done @6 :Void;           # Receiver: all was received.
    abort :group {           # Either side.
      code @7 :UInt16;       # An absl::StatusCode.
      reason @8 :Text;
    }
  }
}
