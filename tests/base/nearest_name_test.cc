// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/nearest_name.h"

#include <gtest/gtest.h>

namespace ctdb {
namespace {

TEST(NearestNameTest, DistanceCountsInsertDeleteReplaceAndSwap) {
  EXPECT_EQ(EditDistance("status", "status"), 0);
  EXPECT_EQ(EditDistance("satus", "status"), 1);
  EXPECT_EQ(EditDistance("sttaus", "status"), 1);
  EXPECT_EQ(EditDistance("Status", "status"), 0);
  EXPECT_EQ(EditDistance("", "abc"), 3);
}

TEST(NearestNameTest, FindsATypo) {
  EXPECT_EQ(NearestName("staus", {"stats", "status", "stop"}), "stats");
  EXPECT_EQ(NearestName("statsu", {"stop", "status"}), "status");
}

TEST(NearestNameTest, SuggestsNothingForAnUnrelatedWord) {
  EXPECT_EQ(NearestName("frobnicate", {"stats", "status"}), "");
  EXPECT_EQ(DidYouMean("frobnicate", {"stats", "status"}), "");
}

TEST(NearestNameTest, DidYouMeanIsReadyToAppend) {
  EXPECT_EQ(DidYouMean("satus", {"status"}), "; did you mean \"status\"?");
}

}  // namespace
}  // namespace ctdb
