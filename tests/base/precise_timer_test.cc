// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/precise_timer.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>

#include "absl/time/time.h"

namespace ctdb {
namespace {

class PreciseTimerTest : public testing::Test {
 protected:
  ~PreciseTimerTest() noexcept override = default;

  void Await(int count) {
    while (due_ < count) Turn(absl::Milliseconds(1));
  }
  void Turn(absl::Duration time) {
    io_.provider->getTimer()
        .afterDelay(absl::ToInt64Nanoseconds(time) * kj::NANOSECONDS)
        .wait(io_.waitScope);
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  int due_ = 0;
  std::function<void()> then_ = [] {};
  PreciseTimer timer_{io_.unixEventPort, [this] {
                        ++due_;
                        then_();
                      }};
};

TEST_F(PreciseTimerTest, ADeadlineComesOnceAndNotBeforeItsTime) {
  const Instant deadline = After(timer_.Now(), absl::Microseconds(300));
  timer_.Set(deadline);
  Await(1);
  EXPECT_GE(timer_.Now(), deadline);
  Turn(absl::Milliseconds(10));
  EXPECT_EQ(due_, 1);
}

TEST_F(PreciseTimerTest, ItsClockIsTheEventLoops) {
  const Instant before(CoreClock::duration(
      (io_.provider->getTimer().now() - kj::origin<kj::TimePoint>()) / kj::NANOSECONDS));
  EXPECT_GE(timer_.Now(), before);
  EXPECT_LT(timer_.Now(), After(before, absl::Seconds(10)));
}

TEST_F(PreciseTimerTest, ALaterSettingReplacesTheOneBeforeAndNeverIsNone) {
  timer_.Set(After(timer_.Now(), absl::Milliseconds(5)));
  timer_.Set(After(timer_.Now(), absl::Hours(1)));
  Turn(absl::Milliseconds(10));
  EXPECT_EQ(due_, 0);
  timer_.Set(After(timer_.Now(), absl::Milliseconds(5)));
  timer_.Set(kNever);
  Turn(absl::Milliseconds(10));
  EXPECT_EQ(due_, 0);
}

TEST_F(PreciseTimerTest, AnEarlierSettingReplacesTheOneBefore) {
  timer_.Set(After(timer_.Now(), absl::Hours(1)));
  timer_.Set(After(timer_.Now(), absl::Milliseconds(1)));
  Await(1);
}

TEST_F(PreciseTimerTest, WhatIsOverIsDueAtOnce) {
  timer_.Set(Instant::min());
  Await(1);
}

TEST_F(PreciseTimerTest, WhoIsWokenMaySetTheNextDeadline) {
  then_ = [this] {
    if (due_ < 3) timer_.Set(After(timer_.Now(), absl::Microseconds(100)));
  };
  timer_.Set(timer_.Now());
  Await(3);
  Turn(absl::Milliseconds(5));
  EXPECT_EQ(due_, 3);
}

}  // namespace
}  // namespace ctdb
