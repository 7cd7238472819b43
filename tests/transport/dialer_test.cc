// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/dialer.h"

#include <gtest/gtest.h>

namespace ctdb {
namespace {

constexpr Instant kStart{std::chrono::hours(1)};

class DialerTest : public testing::Test {
 protected:
  Dialer::Options options_;
  Dialer dialer_{options_, /*seed=*/1, kStart};
  Instant now_ = kStart;

  // One try that fails at once; returns the pause after it.
  absl::Duration FailOnce() {
    now_ = std::max(now_, dialer_.NextDeadline());
    EXPECT_TRUE(dialer_.ShouldDial(now_));
    dialer_.OnDialling(now_);
    dialer_.OnLost("refused", now_);
    return ToAbsl(dialer_.NextDeadline() - now_);
  }
};

TEST_F(DialerTest, TheFirstTryComesAtOnce) {
  EXPECT_TRUE(dialer_.ShouldDial(kStart));
  EXPECT_EQ(dialer_.NextDeadline(), kStart);
  EXPECT_EQ(dialer_.state(), Dialer::State::kWaiting);
  EXPECT_EQ(dialer_.failure_count(), 0u);
}

TEST_F(DialerTest, ATryIsNotMadeTwiceAndNotWhileConnected) {
  dialer_.OnDialling(kStart);
  EXPECT_FALSE(dialer_.ShouldDial(kStart));
  dialer_.OnConnected(kStart);
  EXPECT_FALSE(dialer_.ShouldDial(After(kStart, absl::Hours(1))));
  EXPECT_EQ(dialer_.NextDeadline(), kNever);
}

TEST_F(DialerTest, ATryIsOverdueAtItsLimitAndNotBefore) {
  EXPECT_FALSE(dialer_.IsOverdue(After(kStart, absl::Hours(1)))) << "it has not begun";
  dialer_.OnDialling(kStart);
  const Instant limit = After(kStart, options_.attempt_limit);
  EXPECT_EQ(dialer_.NextDeadline(), limit);
  EXPECT_FALSE(dialer_.IsOverdue(limit - std::chrono::nanoseconds(1)));
  EXPECT_TRUE(dialer_.IsOverdue(limit));
  dialer_.OnConnected(limit);
  EXPECT_FALSE(dialer_.IsOverdue(After(limit, absl::Hours(1))));
}

TEST_F(DialerTest, PausesDoubleUpToTheirLimitAndAreJitteredByHalfAtMost) {
  absl::Duration nominal = options_.pause_min;
  for (int i = 0; i < 40; ++i) {
    const absl::Duration pause = FailOnce();
    EXPECT_LE(pause, nominal) << i;
    EXPECT_GE(pause, nominal / 2) << i;
    nominal = std::min(options_.pause_max, nominal * 2);
  }
  EXPECT_EQ(dialer_.failure_count(), 40u);
}

TEST_F(DialerTest, NodesWithDifferentSeedsDoNotKnockInStep) {
  Dialer other(options_, /*seed=*/2, kStart);
  other.OnDialling(kStart);
  other.OnLost("refused", kStart);
  FailOnce();
  EXPECT_NE(dialer_.NextDeadline(), other.NextDeadline());
}

TEST_F(DialerTest, ALinkThatHeldMakesThePauseShortAgain) {
  for (int i = 0; i < 20; ++i) FailOnce();
  now_ = dialer_.NextDeadline();
  dialer_.OnDialling(now_);
  dialer_.OnConnected(now_);
  now_ = After(now_, options_.stable_after);
  dialer_.OnLost("reset", now_);
  EXPECT_LE(ToAbsl(dialer_.NextDeadline() - now_), options_.pause_min);
  EXPECT_EQ(dialer_.failure_count(), 1u);
}

TEST_F(DialerTest, ALinkThatBreaksAtOnceKeepsThePauseLong) {
  for (int i = 0; i < 20; ++i) FailOnce();
  now_ = dialer_.NextDeadline();
  dialer_.OnDialling(now_);
  dialer_.OnConnected(now_);
  dialer_.OnLost("reset", now_);
  EXPECT_GE(ToAbsl(dialer_.NextDeadline() - now_), options_.pause_max / 2);
}

TEST_F(DialerTest, TheLastErrorStaysUntilItWorks) {
  FailOnce();
  EXPECT_EQ(dialer_.last_error(), "refused");
  dialer_.OnDialling(now_);
  EXPECT_EQ(dialer_.last_error(), "refused");
  dialer_.OnConnected(now_);
  EXPECT_EQ(dialer_.last_error(), "");
}

TEST_F(DialerTest, OfTwoNodesExactlyOneDials) {
  EXPECT_TRUE(Dials(NodeNumber(2), NodeNumber(1)));
  EXPECT_FALSE(Dials(NodeNumber(1), NodeNumber(2)));
  EXPECT_FALSE(Dials(NodeNumber(1), NodeNumber(1)));
}

}  // namespace
}  // namespace ctdb
