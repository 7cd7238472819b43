// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/database/linearizability.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace ctdb::database {
namespace {

Instant At(int64_t second) { return After(Instant{}, absl::Seconds(second)); }

class CounterHistoryTest : public testing::Test {
 protected:
  // One increment from 10 to 20.
  CounterHistoryTest() { history_.OnIncremented(At(10), At(20)); }
  bool Fits() const { return history_.Check().empty(); }

  CounterHistory history_;
};

TEST_F(CounterHistoryTest, ReadBesideAnIncrementSeesItOrNot) {
  history_.OnRead(At(11), At(12), 1);
  EXPECT_TRUE(Fits());
  history_.OnRead(At(5), At(15), 0);
  EXPECT_TRUE(Fits());
}

TEST_F(CounterHistoryTest, ReadAfterAnIncrementMustSeeIt) {
  history_.OnRead(At(21), At(22), 1);
  EXPECT_TRUE(Fits());
  history_.OnRead(At(23), At(24), 0);
  EXPECT_FALSE(Fits());
}

TEST_F(CounterHistoryTest, ReadBeforeAnIncrementMustNotSeeIt) {
  history_.OnRead(At(8), At(9), 1);
  EXPECT_FALSE(Fits());
}

TEST_F(CounterHistoryTest, LaterReadSeesNoLess) {
  history_.OnRead(At(11), At(12), 1);
  history_.OnRead(At(13), At(14), 0);
  EXPECT_FALSE(Fits());
}

TEST_F(CounterHistoryTest, IncrementOfAClientThatWasNotToldIsSeenOrNot) {
  history_.OnMaybeIncremented(At(30));
  history_.OnRead(At(25), At(26), 2);
  EXPECT_FALSE(Fits()) << "not before it began";
}

TEST_F(CounterHistoryTest, IncrementOfAClientThatWasNotToldMayBeSeenLater) {
  history_.OnMaybeIncremented(At(30));
  history_.OnRead(At(31), At(32), 1);
  history_.OnRead(At(33), At(34), 2);
  EXPECT_TRUE(Fits());
}

TEST_F(CounterHistoryTest, WhatWasLostIsCountedAnewAndReadsAcrossAreNotJudged) {
  history_.OnLost(At(30), 0);
  history_.OnRead(At(29), At(31), 1);
  history_.OnRead(At(32), At(33), 0);
  EXPECT_TRUE(Fits());
  history_.OnIncremented(At(28), At(34));
  history_.OnRead(At(35), At(36), 1);
  EXPECT_TRUE(Fits());
  history_.OnRead(At(37), At(38), 0);
  EXPECT_FALSE(Fits());
}

}  // namespace
}  // namespace ctdb::database
