# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# A service for tests of RPC over packets.

@0xe7b3c1f5a2d94861;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::test");

interface Probe {
  echo @0 (text :Text) -> (text :Text, length :UInt64);
  never @1 ();                                       # Not answered while the service lives.
  makeChild @2 (name :Text) -> (child :Probe);       # Whose echo puts the name in front.
  relay @3 (to :Probe, text :Text) -> (text :Text);  # What `to` echoes.
  fail @4 (code :UInt16, text :Text);
  fill @5 (bytes :UInt32) -> (data :Data);
}
