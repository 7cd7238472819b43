# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# ctdbd, the master daemon: this node as a whole, its processes and its configuration.

@0xac0bb48b975e02ef;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

using Control = import "control.capnp";
using Types = import "types.capnp";

struct Process {
  name @0 :Text;
  pid @1 :UInt32;              # 0 while it does not run.
  state @2 :Text;              # "running", "starting", "waiting to restart", "stopped".
  startTime @3 :Float64;       # Seconds since 1970; 0 while it does not run.
  restartCount @4 :UInt32;
  lastExit @5 :Text;           # Why it ended last, "" when it never did.
  inMaster @6 :Bool;           # A part of the ctdbd process itself.
}

struct NodeOverview {
  node @0 :UInt32;
  runState @1 :Types.RunState;
  processModel @2 :Text;       # "single" or "multi".
  startTime @3 :Float64;
  currentTime @4 :Float64;
  processes @5 :List(Process);
}

struct ConfigOption {
  section @0 :Text;
  name @1 :Text;
  value @2 :Text;
  defaultValue @3 :Text;
  origin @4 :Text;             # "default" or file:line.
  unit @5 :Text;
  reloadable @6 :Bool;
  documentation @7 :Text;
}

struct Tunable {
  name @0 :Text;
  value @1 :UInt32;
  defaultValue @2 :UInt32;
  unit @3 :Text;
  meaning @4 :Text;
}

interface Master extends(Control.DaemonControl) {
  overview @0 () -> (overview :NodeOverview);
  config @1 () -> (options :List(ConfigOption));
  listTunables @2 () -> (tunables :List(Tunable));
  setTunable @3 (name :Text, value :UInt32);
}
