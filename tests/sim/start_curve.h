// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// start_curve: how many elections and messages the start of a cluster takes, by its size.

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
  absl::Duration until_led;        // All nodes know the leader.
  MessageCounts sent{};
};

// Of one start without faults.
StartCost MeasureStart(int nodes, uint64_t seed);

// True when all had one election, and the messages per node did not grow with the size.
bool PrintStartCurve(const std::vector<int>& sizes);

}  // namespace ctdb::sim

#endif  // TESTS_SIM_START_CURVE_H_
