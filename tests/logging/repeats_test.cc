// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/repeats.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace ctdb {
namespace {

constexpr Instant kStart{};

TEST(RepeatsTest, TheSameIsToldOnceInAnInterval) {
  Repeats repeats;
  EXPECT_EQ(repeats.Tell("disk full", kStart), "disk full");
  EXPECT_EQ(repeats.Tell("disk full", After(kStart, absl::Seconds(1))), std::nullopt);
  EXPECT_EQ(repeats.Tell("disk full", After(kStart, absl::Seconds(29))), std::nullopt);
  EXPECT_EQ(repeats.Tell("disk full", After(kStart, absl::Seconds(30))),
            "disk full (2 times more since it was last said)");
  EXPECT_EQ(repeats.Tell("disk full", After(kStart, absl::Seconds(90))), "disk full");
}

TEST(RepeatsTest, AnotherTroubleIsToldAtOnce) {
  Repeats repeats;
  EXPECT_EQ(repeats.Tell("a is full", kStart), "a is full");
  EXPECT_EQ(repeats.Tell("b is full", kStart), "b is full");
}

TEST(RepeatsTest, ManyTextsAreForgottenOldestFirst) {
  Repeats repeats;
  for (size_t i = 0; i <= Repeats::kTextsMax; ++i) {
    const Instant now = After(kStart, absl::Milliseconds(i));
    EXPECT_TRUE(repeats.Tell(absl::StrCat("trouble ", i), now).has_value());
  }
  const Instant later = After(kStart, absl::Seconds(1));
  EXPECT_EQ(repeats.Tell("trouble 0", later), "trouble 0");
  EXPECT_EQ(repeats.Tell(absl::StrCat("trouble ", Repeats::kTextsMax), later), std::nullopt);
}

}  // namespace
}  // namespace ctdb
