// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/deadline_timer.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>

#include "absl/time/time.h"

namespace ctdb {
namespace {

class DeadlineTimerTest : public testing::Test {
 protected:
  ~DeadlineTimerTest() noexcept override = default;

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
  DeadlineTimer timer_{io_.provider->getTimer(), [this] {
                         ++due_;
                         then_();
                       }};
};

TEST_F(DeadlineTimerTest, ADeadlineComesOnceAndNotBeforeItsTime) {
  const Instant deadline = After(timer_.Now(), absl::Milliseconds(20));
  timer_.Set(deadline);
  Await(1);
  EXPECT_GE(timer_.Now(), deadline);
  Turn(absl::Milliseconds(30));
  EXPECT_EQ(due_, 1);
}

TEST_F(DeadlineTimerTest, ALaterSettingReplacesTheOneBeforeAndNeverIsNone) {
  timer_.Set(After(timer_.Now(), absl::Milliseconds(5)));
  timer_.Set(After(timer_.Now(), absl::Hours(1)));
  Turn(absl::Milliseconds(10));
  EXPECT_EQ(due_, 0);
  timer_.Set(After(timer_.Now(), absl::Milliseconds(5)));
  timer_.Set(kNever);
  Turn(absl::Milliseconds(10));
  EXPECT_EQ(due_, 0);
}

TEST_F(DeadlineTimerTest, WhoIsWokenMaySetTheNextDeadline) {
  then_ = [this] {
    if (due_ < 3) timer_.Set(After(timer_.Now(), absl::Milliseconds(1)));
  };
  timer_.Set(timer_.Now());
  Await(3);
  EXPECT_EQ(due_, 3);
}

}  // namespace
}  // namespace ctdb
