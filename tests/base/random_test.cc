// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/random.h"

#include <gtest/gtest.h>

namespace ctdb {
namespace {

TEST(RandomTest, SameSeedSameNumbersForEver) {
  // Literal values: a change of the generator would make every recorded seed useless.
  Random random(42);
  EXPECT_EQ(random.Next(), 1546998764402558742u);
  EXPECT_EQ(random.Next(), 6990951692964543102u);
}

TEST(RandomTest, BelowStaysBelowAndReachesAll) {
  Random random(1);
  bool seen[7] = {};
  for (int i = 0; i < 1000; ++i) {
    const uint64_t draw = random.Below(7);
    ASSERT_LT(draw, 7u);
    seen[draw] = true;
  }
  for (bool reached : seen) EXPECT_TRUE(reached);
  EXPECT_EQ(random.Below(0), 0u);
  EXPECT_EQ(random.Below(1), 0u);
}

TEST(RandomTest, FractionIsInTheHalfOpenUnitInterval) {
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const double fraction = random.Fraction();
    ASSERT_GE(fraction, 0.0);
    ASSERT_LT(fraction, 1.0);
  }
}

}  // namespace
}  // namespace ctdb
