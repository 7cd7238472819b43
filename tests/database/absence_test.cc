// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/absence.h"

#include <vector>

#include "gtest/gtest.h"

namespace ctdb::database {
namespace {

const NodeNumber kNode(1);

cluster::View ViewOf(std::vector<Epoch> joined) {
  return {.epoch = Epoch(9),
          .leader = NodeNumber(0),
          .members = {NodeNumber(0), kNode},
          .homes = {NodeNumber(0)},
          .joined = std::move(joined)};
}

TEST(AbsenceTest, NodeThatStayedKeepsItsCopies) {
  EXPECT_EQ(VoidBefore(ViewOf({Epoch(1), Epoch(5)}), kNode, Epoch(6), Epoch(5)), Epoch(5));
}

// INV-24.
TEST(AbsenceTest, CopiesFromBeforeAnAbsenceAreVoidIfSomebodyStayed_Bug23) {
  EXPECT_EQ(VoidBefore(ViewOf({Epoch(1), Epoch(9)}), kNode, Epoch(6), Epoch()), Epoch(9));
  EXPECT_TRUE(IsVoid({Epoch(8), 1'000'000}, {}, Epoch(9)));
  EXPECT_FALSE(IsVoid({Epoch(9), 1}, {}, Epoch(9)));
  EXPECT_FALSE(IsVoid({Epoch(3), 1}, {Epoch(9), 1}, Epoch(9))) << "lent since";
}

TEST(AbsenceTest, CopiesCountWhenNobodyStayed) {
  EXPECT_EQ(VoidBefore(ViewOf({Epoch(9), Epoch(9)}), kNode, Epoch(6), Epoch(2)), Epoch(2));
}

TEST(AbsenceTest, NodeThatIsNoMemberLearnsNothing) {
  EXPECT_EQ(VoidBefore(ViewOf({Epoch(1), Epoch(9)}), NodeNumber(7), Epoch(6), Epoch(2)), Epoch(2));
}

}  // namespace
}  // namespace ctdb::database
