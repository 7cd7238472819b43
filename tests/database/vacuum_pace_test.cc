// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/vacuum_pace.h"

#include "gtest/gtest.h"

namespace ctdb::database {
namespace {

TEST(VacuumPaceTest, RunIsMadeOfStepsAndTheNextOneBeginsAfterTheInterval) {
  const Instant now{};
  VacuumPace pace({});
  EXPECT_EQ(pace.next(), kNever);
  pace.Start(0, now);
  EXPECT_EQ(pace.next(), After(now, absl::Seconds(10)));
  pace.OnBegun();
  EXPECT_EQ(pace.next(), kNever) << "one step at a time";
  pace.OnStep(1, false, now);
  EXPECT_EQ(pace.next(), After(now, absl::Milliseconds(20)));
  pace.OnStep(0, true, now);
  EXPECT_EQ(pace.next(), After(now, absl::Seconds(10)));
}

TEST(VacuumPaceTest, RunsThatFindMuchComeSoonerAndEmptyOnesLater) {
  const Instant now{};
  VacuumPace pace({});
  pace.Start(0, now);
  pace.OnStep(1000, true, now);
  EXPECT_EQ(pace.next(), After(now, absl::Seconds(1)));
  pace.OnStep(0, true, now);
  EXPECT_EQ(pace.next(), After(now, absl::Seconds(20)));
}

TEST(VacuumPaceTest, DatabasesDoNotAllBeginAtOnce_Bug34) {
  VacuumPace one({});
  VacuumPace other({});
  one.Start(1, {});
  other.Start(2, {});
  EXPECT_NE(one.next(), other.next());
}

TEST(VacuumPaceTest, IntervalOfZeroMeansNever) {
  VacuumPace pace({.interval = absl::ZeroDuration()});
  pace.Start(1, {});
  EXPECT_EQ(pace.next(), kNever);
}

}  // namespace
}  // namespace ctdb::database
