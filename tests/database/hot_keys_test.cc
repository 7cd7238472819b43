// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/hot_keys.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace ctdb::database {
namespace {

Instant At(absl::Duration since_start) { return After(Instant{}, since_start); }

TEST(HotKeysTest, HottestComesFirstAndEqualOnesByName_Mg80) {
  HotKeys hot(2);
  hot.Moved("c", At(absl::ZeroDuration()));
  for (int i = 0; i < 3; ++i) hot.Moved("b", At(absl::Milliseconds(i)));
  for (int i = 0; i < 3; ++i) hot.Moved("a", At(absl::Milliseconds(i)));
  auto report = hot.Report(At(absl::Seconds(1)));
  ASSERT_EQ(report.size(), 2u);
  EXPECT_EQ(report[0].key, "a");
  EXPECT_EQ(report[0].moves, 3u);
  EXPECT_EQ(report[1].key, "b");
}

TEST(HotKeysTest, MovesOfOneSecondCountAndThePeakStays) {
  HotKeys hot(10);
  for (int i = 0; i < 5; ++i) hot.Moved("a", At(absl::Milliseconds(i)));
  for (int i = 0; i < 2; ++i) hot.Moved("a", At(absl::Seconds(2) + absl::Milliseconds(i)));
  EXPECT_EQ(hot.Report(At(absl::Seconds(3)))[0].moves, 5u);
}

TEST(HotKeysTest, WhatDidNotMoveForTenSecondsIsForgotten) {
  HotKeys hot(10);
  for (int i = 0; i < 5; ++i) hot.Moved("a", At(absl::ZeroDuration()));
  EXPECT_EQ(hot.Report(At(absl::Seconds(9))).size(), 1u);
  EXPECT_TRUE(hot.Report(At(absl::Seconds(10))).empty());
  hot.Moved("a", At(absl::Seconds(11)));
  EXPECT_EQ(hot.Report(At(absl::Seconds(11)))[0].moves, 1u);
}

TEST(HotKeysTest, KeyInDemandIsFoundAmongManyThatMoveOnce) {
  HotKeys hot(1);
  for (int i = 0; i < 1000; ++i) {
    hot.Moved(absl::StrCat("once", i), At(absl::Microseconds(i)));
    if (i % 10 == 0) hot.Moved("hot", At(absl::Microseconds(i)));
  }
  auto report = hot.Report(At(absl::Milliseconds(2)));
  ASSERT_EQ(report.size(), 1u);
  EXPECT_EQ(report[0].key, "hot");
  EXPECT_EQ(report[0].moves, 100u);
}

}  // namespace
}  // namespace ctdb::database
