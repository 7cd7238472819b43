// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/peer_watch_run.h"

#include <gtest/gtest.h>

namespace ctdb::sim {
namespace {

TEST(PeerWatchRunTest, ThousandHoursWithoutAFalseAlarmAndEachDeathIsNoticedWithin3Seconds) {
  const PeerWatchReport report = RunPeerWatch(1000, 1);
  EXPECT_EQ(report.false_alarms, 0u);
  EXPECT_EQ(report.not_noticed, 0u);
  EXPECT_GT(report.deaths, 900u);
  EXPECT_GT(report.keepalives, 2000000u);
  // Otherwise nothing was measured.
  EXPECT_GT(report.slowest_notice, absl::Seconds(2));
}

}  // namespace
}  // namespace ctdb::sim
