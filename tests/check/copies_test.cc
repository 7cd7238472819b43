// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/check/copies.h"

#include <gtest/gtest.h>

namespace ctdb::check {
namespace {

const NodeNumber kA(0);
const NodeNumber kB(1);
const NodeNumber kC(2);

// database-and-cluster INV-32: contents are equal on all active nodes.
TEST(CompareCopiesTest, TheNewestPositionThatAllHadCounts) {
  const auto result = CompareCopies({{kA, {{{1, 1}, {9, 9}}, {{1, 2}, {2, 2}}, {{1, 3}, {3, 3}}}},
                                     {kB, {{{1, 2}, {2, 2}}}},
                                     {kC, {{{1, 1}, {8, 8}}, {{1, 2}, {2, 2}}}}});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->at, (LogPlace{1, 2}));
  EXPECT_EQ(result->groups.size(), 1u);
}

TEST(CompareCopiesTest, WhoDiffersIsInAnotherGroup) {
  const auto result =
      CompareCopies({{kA, {{{2, 7}, {1, 1}}}}, {kB, {{{2, 7}, {1, 5}}}}, {kC, {{{2, 7}, {1, 1}}}}});
  ASSERT_TRUE(result.has_value());
  ASSERT_EQ(result->groups.size(), 2u);
  EXPECT_EQ(result->groups[0], (std::vector<NodeNumber>{kA, kC}));
  EXPECT_EQ(result->groups[1], (std::vector<NodeNumber>{kB}));
}

TEST(CompareCopiesTest, WithoutACommonPositionThereIsNoAnswer) {
  EXPECT_FALSE(CompareCopies({{kA, {{{1, 1}, {}}}}, {kB, {{{2, 1}, {}}}}}).has_value());
  EXPECT_FALSE(CompareCopies({{kA, {}}}).has_value());
  EXPECT_FALSE(CompareCopies({}).has_value());
}

}  // namespace
}  // namespace ctdb::check
