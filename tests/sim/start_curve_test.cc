// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/start_curve.h"

#include <gtest/gtest.h>

namespace ctdb::sim {
namespace {

TEST(StartCurveTest, OneElectionAndMessagesThatDoNotGrowPerNodeUpTo100Nodes) {
  EXPECT_TRUE(PrintStartCurve({3, 10, 30, 100}));
}

TEST(StartCurveTest, OneElectionWithManySeeds) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const StartCost cost = MeasureStart(10, seed);
    EXPECT_EQ(cost.elections, 1u) << seed;
    EXPECT_LE(cost.until_well, absl::Seconds(3)) << seed;
  }
}

}  // namespace
}  // namespace ctdb::sim
