// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// peer_watch_run: one PeerWatch that hears one peer for a very long time. The peer pauses up to a
// second before a keepalive, which is up to 100 ms on its way; the one that listens pauses, too.
// Now and then the peer dies, and that must be noticed.

#ifndef TESTS_SIM_PEER_WATCH_RUN_H_
#define TESTS_SIM_PEER_WATCH_RUN_H_

#include <cstdint>

#include "absl/time/time.h"

namespace ctdb::sim {

struct PeerWatchReport {
  double hours = 0;
  uint64_t keepalives = 0;
  uint64_t false_alarms = 0;
  uint64_t deaths = 0;
  uint64_t not_noticed = 0;       // Later than 3 s.
  absl::Duration slowest_notice;  // From the death on.

  void Add(const PeerWatchReport& other);
};

PeerWatchReport RunPeerWatch(double hours, uint64_t seed);

}  // namespace ctdb::sim

#endif  // TESTS_SIM_PEER_WATCH_RUN_H_
