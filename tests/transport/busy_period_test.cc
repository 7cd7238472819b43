// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/busy_period.h"

#include <gtest/gtest.h>

#include <set>

namespace ctdb {
namespace {

constexpr Instant kStart{std::chrono::hours(1)};

class BusyPeriodTest : public testing::Test {
 protected:
  // Wake-ups at equal distances; whether the last one changed anything.
  bool WakeUp(int times, absl::Duration apart) {
    bool has_changed = false;
    for (int i = 0; i < times; ++i) {
      now_ = After(now_, apart);
      has_changed = busy_.OnWakeup(now_);
    }
    return has_changed;
  }

  BusyPeriod busy_;
  Instant now_ = kStart;
};

TEST_F(BusyPeriodTest, BeginsWithTheTwentiethWakeUpOfTenMilliseconds) {
  EXPECT_FALSE(WakeUp(19, absl::Microseconds(300)));
  EXPECT_FALSE(busy_.is_busy());
  EXPECT_TRUE(WakeUp(1, absl::Microseconds(300)));
  EXPECT_TRUE(busy_.is_busy());
}

TEST_F(BusyPeriodTest, DoesNotBeginWithAThousandWakeUpsASecond) {
  EXPECT_FALSE(WakeUp(5000, absl::Milliseconds(1)));
  EXPECT_FALSE(busy_.is_busy());
  EXPECT_EQ(busy_.NextDeadline(), kNever);
  EXPECT_FALSE(busy_.OnDeadline(After(now_, absl::Hours(1))));
}

TEST_F(BusyPeriodTest, EndsATenthOfASecondAfterTheTrafficDid) {
  WakeUp(20, absl::Microseconds(100));
  const Instant deadline = busy_.NextDeadline();
  EXPECT_EQ(deadline, After(now_, absl::Milliseconds(100)));
  EXPECT_FALSE(busy_.OnDeadline(After(deadline, -absl::Nanoseconds(1))));
  EXPECT_TRUE(busy_.is_busy());
  EXPECT_TRUE(busy_.OnDeadline(deadline));
  EXPECT_FALSE(busy_.is_busy());
  EXPECT_EQ(busy_.NextDeadline(), kNever);
}

TEST_F(BusyPeriodTest, GoesOnOverPausesOfAConversation) {
  WakeUp(20, absl::Microseconds(100));
  for (int i = 0; i < 10; ++i) {
    now_ = After(now_, absl::Milliseconds(40));
    EXPECT_FALSE(busy_.OnDeadline(now_));
    EXPECT_FALSE(WakeUp(30, absl::Microseconds(100)));
  }
  EXPECT_TRUE(busy_.is_busy());
}

TEST_F(BusyPeriodTest, MovesItsDeadlineAtMostTwiceInThatTime) {
  WakeUp(20, absl::Microseconds(100));
  std::set<Instant> deadlines;
  for (int i = 0; i < 10'000; ++i) {  // A second.
    WakeUp(1, absl::Microseconds(100));
    deadlines.insert(busy_.NextDeadline());
    EXPECT_GT(busy_.NextDeadline(), After(now_, absl::Milliseconds(40)));
  }
  EXPECT_LE(deadlines.size(), 21u);
}

}  // namespace
}  // namespace ctdb
