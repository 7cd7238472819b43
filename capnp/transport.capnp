# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# transportd: the links to the other nodes and the endpoints on this one.

@0xc1c316976b1b5332;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

using Control = import "control.capnp";
using Types = import "types.capnp";

struct Node {
  number @0 :UInt32;
  address @1 :Text;            # Without port.
  deleted @2 :Bool;
  local @3 :Bool;
  connected @4 :Bool;          # This node: true.
  state @5 :Text;              # For people: "connected", "waiting 250 ms to dial", ...
  lastError @6 :Text;          # Why the link was lost or refused last, "" when never.
  connectedSince @7 :Float64;  # Seconds since 1970, 0 when not connected.
  packetsSent @8 :UInt64;
  packetsReceived @9 :UInt64;
  bytesSent @10 :UInt64;
  bytesReceived @11 :UInt64;
  queuedBytes @12 :UInt64;
  software @13 :Text;
}

struct Endpoint {
  address @0 :Types.Address;
  software @1 :Text;
  pid @2 :UInt32;
  uid @3 :UInt32;
  packetsSent @4 :UInt64;
  packetsReceived @5 :UInt64;
  queuedBytes @6 :UInt64;
  channels @7 :UInt32;
}

interface Transport extends(Control.DaemonControl) {
  nodes @0 () -> (nodes :List(Node));
  endpoints @1 () -> (endpoints :List(Endpoint));
}
