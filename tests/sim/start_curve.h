// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// start_curve: how many elections and messages the start of a cluster takes, by its size. Those of
// elections, beats and views are linear: between one node and all others. Keepalives and states go
// from everybody to everybody: linear for each node, quadratic for all.

#ifndef TESTS_SIM_START_CURVE_H_
#define TESTS_SIM_START_CURVE_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "lib/sim/message.h"

namespace ctdb::sim {

struct StartCost {
  int nodes = 0;
  uint64_t elections = 0;
  uint64_t election_messages = 0;  // Vote requests and replies, trials too.
  uint64_t beats = 0;              // And their replies.
  uint64_t views = 0;
  uint64_t epochs = 0;
  uint64_t keepalives = 0;
  uint64_t states = 0;
  absl::Duration until_well;  // All nodes follow one leader, and serve in one settled view.
  MessageCounts sent{};
};

// Of one start without faults.
StartCost MeasureStart(int nodes, uint64_t seed);

// True when all had one election, and the messages per node, or per pair of nodes for those of
// everybody to everybody, did not grow with the size.
bool PrintStartCurve(const std::vector<int>& sizes);

}  // namespace ctdb::sim

#endif  // TESTS_SIM_START_CURVE_H_
