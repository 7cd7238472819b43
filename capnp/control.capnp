# Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
#
# What every daemon answers, implemented once (lib/daemon). A daemon's own interface extends it.

@0x848970b295e24e6a;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("ctdb::wire");

using Types = import "types.capnp";

struct Version {
  software @0 :Text;           # "0.1.0"
  protocolMajor @1 :UInt16;
  protocolMinor @2 :UInt16;
}

struct LogSinkStatus {
  location @0 :Text;
  written @1 :UInt64;
  dropped @2 :UInt64;
  failing @3 :Bool;
  lastError @4 :Text;
}

struct DaemonStatus {
  name @0 :Text;
  node @1 :UInt32;
  pid @2 :UInt32;
  startTime @3 :Float64;       # Seconds since 1970.
  logLevel @4 :Text;
  logSink @5 :LogSinkStatus;
  service @6 :UInt16;
  instance @7 :UInt64;
}

interface DaemonControl {
  ping @0 () -> (time :Float64);   # The daemon's wall clock, seconds since 1970.
  version @1 () -> (version :Version);
  status @2 () -> (status :DaemonStatus);
  statistics @3 () -> (since :Float64, now :Float64, counters :List(Types.Counter));
  resetStatistics @4 ();
  getLogLevel @5 () -> (level :Text);
  setLogLevel @6 (level :Text);    # Any spelling of a level.
  reload @7 ();                    # Reopens the log and re-reads what can change while running.
  shutdown @8 ();                  # Answered before it begins.
}
