# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What the Samba proxies of different nodes send each other: packets of kind data, with a ProxyChunk
# as payload, to the service "samba-proxy" of a node. Chunks put together are messages with a
# ProxyItem: docs/decisions/0023-smbproxyd.md.

@0xa4ba6ac3526fb25c;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

struct ProxyChunk {
  # A part of an item, or only how far the other side's chunks were taken.
  run @0 :UInt64;              # Of the sender; a later start has a greater one.
  toRun @1 :UInt64;            # Of the receiver; 0: not known.
  acknowledged @2 :UInt64;     # The last chunk of the receiver's that was taken.
  sequence @3 :UInt64;         # 0: nothing is in it.
  oldest @4 :UInt64;           # Chunks before this one are not sent again.
  begins @5 :Bool;             # An item.
  ends @6 :Bool;
  bytes @7 :Data;
}

struct ProxyItem {
  union {
    message :group {           # To all who have registered the srvid.
      messageSrvid @0 :UInt64;
      messageData @1 :Data;
    }
    control :group {           # Of a client. Its data is as the client sent it.
      request @2 :UInt64;      # 0: no answer is wanted.
      opcode @3 :UInt32;
      srvid @4 :UInt64;
      flags @5 :UInt32;
      data @6 :Data;
    }
    reply :group {
      replyTo @7 :UInt64;
      status @8 :Int32;
      replyData @9 :Data;
      error @10 :Data;
    }
    tunnel :group {
      tunnelId @11 :UInt64;
      tunnelFlags @12 :UInt32;
      tunnelRequest @13 :UInt32;
      tunnelData @14 :Data;
    }
  }
}
