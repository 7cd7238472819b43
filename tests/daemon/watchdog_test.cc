// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/watchdog.h"

#include <gtest/gtest.h>

namespace ctdb::daemon {
namespace {

Instant At(int64_t seconds) { return After(Instant(), absl::Seconds(seconds)); }

TEST(WatchdogTest, WithoutLoopsNothingIsStuck) {
  EXPECT_TRUE(Watchdog().StuckLoops(At(1000)).empty());
}

TEST(WatchdogTest, ALoopIsStuckAfterItsLimitAndNotBefore) {
  Watchdog watchdog;
  watchdog.Add("control", absl::Seconds(5), At(0));
  EXPECT_TRUE(watchdog.StuckLoops(At(5)).empty());
  const auto stuck = watchdog.StuckLoops(At(6));
  ASSERT_EQ(stuck.size(), 1u);
  EXPECT_EQ(stuck[0].last_progress, At(0));
  EXPECT_EQ(Describe(stuck[0]), "event loop control made no progress for 6s (limit 5s)");
}

TEST(WatchdogTest, OneLoopsProgressDoesNotCoverForAnother) {
  Watchdog watchdog;
  const auto busy = watchdog.Add("busy", absl::Seconds(5), At(0));
  watchdog.Add("silent", absl::Seconds(5), At(0));
  watchdog.OnProgress(busy, At(9));
  const auto stuck = watchdog.StuckLoops(At(10));
  ASSERT_EQ(stuck.size(), 1u);
  EXPECT_EQ(stuck[0].name, "silent");
}

TEST(WatchdogTest, ALoopThatMovesAgainIsFine) {
  Watchdog watchdog;
  const auto loop = watchdog.Add("control", absl::Seconds(5), At(0));
  EXPECT_EQ(watchdog.StuckLoops(At(10)).size(), 1u);
  watchdog.OnProgress(loop, At(10));
  EXPECT_TRUE(watchdog.StuckLoops(At(15)).empty());
}

TEST(WatchdogTest, ALateReportDoesNotSetProgressBack) {
  Watchdog watchdog;
  const auto loop = watchdog.Add("control", absl::Seconds(5), At(0));
  watchdog.OnProgress(loop, At(10));
  watchdog.OnProgress(loop, At(2));
  EXPECT_TRUE(watchdog.StuckLoops(At(15)).empty());
}

TEST(WatchdogTest, ARemovedLoopIsNotMissedAndItsReportsAreIgnored) {
  Watchdog watchdog;
  const auto loop = watchdog.Add("control", absl::Seconds(5), At(0));
  watchdog.Remove(loop);
  watchdog.OnProgress(loop, At(1));
  EXPECT_TRUE(watchdog.StuckLoops(At(100)).empty());
  EXPECT_NE(watchdog.Add("next", absl::Seconds(5), At(0)), loop);
}

}  // namespace
}  // namespace ctdb::daemon
