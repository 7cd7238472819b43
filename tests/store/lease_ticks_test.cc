// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/lease_ticks.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace ctdb::store {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

// Nothing, on a machine whose kernel does not trust its processors' count.
uint64_t DeadlineIn(int64_t nanoseconds) {
  const absl::Time limit = absl::Now() + absl::Seconds(5);
  uint64_t deadline = 0;
  while (deadline == 0 && absl::Now() < limit) {
    deadline = TicksAt(BootTimeNanoseconds() + nanoseconds);
  }
  return deadline;
}

TEST(LeaseTicksTest, TheTicksEndBeforeTheTime) {
  const uint64_t far = DeadlineIn(3600'000 * kMillisecond);
  if (far == 0) GTEST_SKIP() << "no ticks of use on this machine";
  EXPECT_TRUE(AreTicksBefore(far));
  int seen = 0;
  for (int i = 0; i < 20; ++i) {
    const int64_t until = BootTimeNanoseconds() + 5 * kMillisecond;
    const uint64_t deadline = TicksAt(until);
    // Ticks before clock: whatever happens in between, a lease that lasts lasts.
    while (AreTicksBefore(deadline)) ++seen;
    EXPECT_FALSE(AreTicksBefore(deadline));
    while (BootTimeNanoseconds() < until) EXPECT_FALSE(AreTicksBefore(deadline));
  }
  EXPECT_GT(seen, 0);
}

TEST(LeaseTicksTest, ALeaseThatWasTakenBackIsOver) {
  EXPECT_EQ(TicksAt(0), 0u);
  EXPECT_FALSE(AreTicksBefore(0));
}

}  // namespace
}  // namespace ctdb::store
