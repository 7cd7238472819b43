# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What ctdbd writes into a pipe to its guardian: one message after the other, in the standard stream
# framing. The last whole one counts when the pipe ends.

@0xd2e5a9b04c7f8136;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

struct Will {
  # What is to be done when ctdbd has ended.
  node @0 :UInt32;
  address @1 :Text;              # Of this node; calls come from there.
  port @2 :UInt16;
  partingToken @3 :UInt64;       # 0: there is nothing to do.
  volatileDirectory @4 :Text;    # Of databases.
  peers @5 :List(Peer);

  struct Peer {
    node @0 :UInt32;
    address @1 :Text;
  }
}
