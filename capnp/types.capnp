# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# Types that several interfaces use. Rules for changing any schema: capnp/README.md.

@0xcda32a6881928469;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

enum Service {
  # Who an endpoint is. Numbers from 1000 are free for services of other makers.
  unknown @0;
  router @1;      # The transport itself: control packets of an endpoint to its own transport.
  transport @2;
  master @3;
  cluster @4;
  database @5;
  failover @6;
  conntrack @7;
  service @8;
  event @9;
  sambaProxy @10;
  client @11;     # Any program that only uses services; told apart by its instance.
}

struct Address {
  # One endpoint, or a group of them. Text form: "2/database", "all/cluster", "this/client:17".
  node @0 :UInt32;
  service @1 :UInt16;   # A Service, or a number from 1000 on.
  instance @2 :UInt64;  # 0: whoever holds the service now.
}

enum RunState {
  # The numbers are those that administrators' scripts know.
  unknown @0;
  init @1;
  setup @2;
  firstRecovery @3;
  startup @4;
  running @5;
  shutdown @6;
}

struct Counter {
  # One line of a daemon's statistics.
  name @0 :Text;        # Dotted, lower case: "router.packets_routed".
  value @1 :UInt64;
  meaning @2 :Text;
}
