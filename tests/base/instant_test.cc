// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/instant.h"

#include <gtest/gtest.h>

namespace ctdb {
namespace {

TEST(InstantTest, AfterAddsADuration) {
  const Instant start{};
  EXPECT_EQ(ToAbsl(After(start, absl::Seconds(3)) - start), absl::Seconds(3));
}

TEST(InstantTest, AfterNeverOverflows) {
  const Instant late = kNever - ToChrono(absl::Seconds(1));
  EXPECT_EQ(After(late, absl::Seconds(2)), kNever);
  EXPECT_EQ(After(kNever, absl::Seconds(1)), kNever);
  EXPECT_EQ(After(Instant{}, absl::InfiniteDuration()), kNever);
}

}  // namespace
}  // namespace ctdb
