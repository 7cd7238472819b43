// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/io/lock_counts.h"

#include <gtest/gtest.h>

namespace ctdb::database {
namespace {

TEST(LockCountsTest, ALimitBelongsToTheBucketAboveIt) {
  EXPECT_EQ(LockCounts::BucketOf(absl::ZeroDuration()), 0u);
  EXPECT_EQ(LockCounts::BucketOf(absl::Microseconds(999)), 0u);
  EXPECT_EQ(LockCounts::BucketOf(absl::Milliseconds(1)), 1u);
  EXPECT_EQ(LockCounts::BucketOf(absl::Milliseconds(999)), 3u);
  EXPECT_EQ(LockCounts::BucketOf(absl::Seconds(1)), 4u);
  EXPECT_EQ(LockCounts::BucketOf(absl::Seconds(63)), 9u);
  EXPECT_EQ(LockCounts::BucketOf(absl::Seconds(64)), 10u);
  EXPECT_EQ(LockCounts::BucketOf(absl::InfiniteDuration()), 10u);
}

TEST(LockCountsTest, WithoutALockEverythingIsZero) {
  const LockCounts counts;
  EXPECT_EQ(counts.taken(), 0u);
  EXPECT_EQ(counts.average(), absl::ZeroDuration());
}

TEST(LockCountsTest, WaitsAreCountedWithTheirExtremes) {
  LockCounts counts;
  counts.Taken(absl::Milliseconds(3));
  counts.Taken(absl::ZeroDuration());
  counts.Taken(absl::Milliseconds(6));
  counts.Postponed();
  EXPECT_EQ(counts.taken(), 3u);
  EXPECT_EQ(counts.postponed(), 1u);
  EXPECT_EQ(counts.min(), absl::ZeroDuration());
  EXPECT_EQ(counts.max(), absl::Milliseconds(6));
  EXPECT_EQ(counts.average(), absl::Milliseconds(3));
  EXPECT_EQ(counts.waits()[0], 1u);
  EXPECT_EQ(counts.waits()[1], 2u);
}

}  // namespace
}  // namespace ctdb::database
