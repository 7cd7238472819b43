// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/slot_math.h"

#include <gtest/gtest.h>

namespace ctdb::store {
namespace {

TEST(SlotMathTest, EachSizeGetsTheSmallestClassThatHoldsIt) {
  for (size_t bytes = 1; bytes <= kSlotBytesMax; ++bytes) {
    const uint32_t size_class = *SizeClassFor(bytes);
    EXPECT_GE(SizeOfClass(size_class), bytes);
    if (size_class > 0) {
      EXPECT_LT(SizeOfClass(size_class - 1), bytes);
    }
  }
  EXPECT_EQ(SizeClassFor(kSlotBytesMax + 1), std::nullopt);
}

TEST(SlotMathTest, SlotsOfAPageLieWithinItBesideItsOwnBytes) {
  for (uint32_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    EXPECT_EQ(SizeOfClass(size_class) % kUnitBytes, 0u);
    EXPECT_GE(SlotsPerPage(size_class), 2u);
    const uint32_t first = SlotPosition(3, size_class, 0);
    const uint32_t last = SlotPosition(3, size_class, SlotsPerPage(size_class) - 1);
    EXPECT_EQ(first, 3 * kPageUnits + kPageHeaderBytes / kUnitBytes);
    EXPECT_EQ(PageOf(last), 3u);
    EXPECT_LE(last * kUnitBytes + SizeOfClass(size_class), 4 * kPageBytes);
  }
}

TEST(SlotMathTest, EachChainBelongsToOneBucketAndEachBucketHasAHash) {
  for (const uint32_t groups : {1u, 512u, 1u << 24}) {
    for (const uint32_t bucket : {0u, 1u, 3u, groups * kBucketsInGroup - 1}) {
      EXPECT_EQ(BucketOf(HashOf(bucket, groups - 1), groups - 1), bucket) << groups;
    }
  }
  uint32_t chain = 0;
  for (uint32_t bucket = 0; bucket < kBucketsInGroup; ++bucket) {
    EXPECT_EQ(FirstChain(bucket), chain);
    chain += ChainCount(bucket);
    EXPECT_EQ(ChainOf(HashOf(bucket, 0)), FirstChain(bucket));
  }
  EXPECT_EQ(chain, kChains);
  EXPECT_EQ(ChainOf(0), 0u);
  EXPECT_EQ(ChainOf(UINT32_MAX), kChains - 1);
}

TEST(SlotMathTest, MemoryIsDividedWithoutExceedingIt) {
  for (uint64_t memory : {kMemoryMin, uint64_t{33'000'000}, kMemoryMax}) {
    const Geometry geometry = GeometryFor(memory);
    EXPECT_EQ(geometry.buckets & (geometry.buckets - 1), 0u);
    EXPECT_GE(geometry.buckets, memory / 1024);
    const uint64_t used =
        geometry.buckets * uint64_t{kBucketBytes} + geometry.pages * uint64_t{kPageBytes};
    EXPECT_LE(used, memory);
    EXPECT_GT(used, memory - kPageBytes);
  }
}

TEST(SlotMathTest, ADatabaseGetsALittleOfTheHostsMemory) {
  constexpr uint64_t kGibibyte = uint64_t{1} << 30;
  EXPECT_EQ(MemoryFor(0), kMemoryUsual) << "nobody knows how much there is";
  EXPECT_EQ(MemoryFor(2 * kGibibyte), kMemoryUsual);
  EXPECT_EQ(MemoryFor(16 * kGibibyte), kGibibyte / 8);
  EXPECT_EQ(MemoryFor(1024 * kGibibyte), kMemoryGenerous);
}

}  // namespace
}  // namespace ctdb::store
