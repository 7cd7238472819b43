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

TEST(SlotMathTest, SlotsOfAPageLieWithinItBesideItsOwnUnit) {
  for (uint32_t size_class = 0; size_class < kSizeClasses; ++size_class) {
    EXPECT_EQ(SizeOfClass(size_class) % kUnitBytes, 0u);
    EXPECT_GE(SlotsPerPage(size_class), 2u);
    const uint32_t first = SlotPosition(3, size_class, 0);
    const uint32_t last = SlotPosition(3, size_class, SlotsPerPage(size_class) - 1);
    EXPECT_EQ(first, 3 * kPageUnits + 1);
    EXPECT_EQ(PageOf(last), 3u);
    EXPECT_LE(last * kUnitBytes + SizeOfClass(size_class), 4 * kPageBytes);
  }
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

}  // namespace
}  // namespace ctdb::store
