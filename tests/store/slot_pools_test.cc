// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/slot_pools.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

class SlotPoolsTest : public testing::Test {
 protected:
  const TestDirectory directory_;
  const HotFile file_ = *HotFile::Open(directory_.Options());
  SlotPools pools_{file_, 1};
};

TEST_F(SlotPoolsTest, SlotsAreDifferentUntilTheyReturnAndThenUsedAgain) {
  const uint32_t pool = SlotPools::PoolIndex(3, 7);
  ASSERT_TRUE(pools_.Lock(pool).ok());
  std::set<uint32_t> taken;
  for (int i = 0; i < 1000; ++i) {
    taken.insert(*pools_.Take(pool));
    pools_.Taken(pool);
  }
  EXPECT_EQ(taken.size(), 1000u);
  for (const uint32_t position : taken) {
    EXPECT_TRUE(pools_.IsPosition(position));
    pools_.BeginReturn(pool, position);
    pools_.FinishReturn(pool, position);
  }
  const uint32_t pages = file_.header().pages_used;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(taken.erase(*pools_.Take(pool)), 1u);
    pools_.Taken(pool);
  }
  EXPECT_EQ(file_.header().pages_used, pages);
  pools_.Unlock(pool);
}

TEST_F(SlotPoolsTest, FullMemoryIsAnError) {
  const uint32_t pool = SlotPools::PoolIndex(0, kSizeClasses - 1);
  ASSERT_TRUE(pools_.Lock(pool).ok());
  uint32_t taken = 0;
  while (pools_.Take(pool).ok()) {
    pools_.Taken(pool);
    ++taken;
  }
  EXPECT_EQ(taken, file_.header().page_count * 2);
  EXPECT_TRUE(absl::IsResourceExhausted(pools_.Take(pool).status()));
  pools_.Unlock(pool);
}

TEST_F(SlotPoolsTest, WhatADeadProcessHadInHandIsNotLost) {
  const uint32_t pool = SlotPools::PoolIndex(0, 0);
  for (int i = 0; i < 50; ++i) {
    WaitForEnd(Fork([&] {
      SlotPools dying(file_, 2);
      if (!dying.Lock(pool).ok()) ::_exit(1);
      (void)dying.Take(pool);
    }));
  }
  ASSERT_TRUE(pools_.Lock(pool).ok());
  EXPECT_EQ(file_.header().owner_deaths, 50u);
  const uint32_t first = *pools_.Take(pool);
  pools_.Taken(pool);
  // One slot went through all those hands.
  EXPECT_EQ(first, SlotPosition(0, 0, 0));
  EXPECT_EQ(*pools_.Take(pool), SlotPosition(0, 0, 1));
  pools_.Taken(pool);
  pools_.Unlock(pool);
}

}  // namespace
}  // namespace ctdb::store
