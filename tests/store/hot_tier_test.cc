// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/hot_tier.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/store/audit.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

class HotTierTest : public testing::Test {
 protected:
  // All in one bucket: the hash is the caller's.
  uint32_t Put(uint32_t hash, absl::string_view key, absl::string_view value) {
    EXPECT_TRUE(hot_.Lock(hash, absl::ZeroDuration()).ok());
    const uint32_t old = *hot_.Find(hash, key);
    const absl::StatusOr<uint32_t> position = hot_.Put(hash, {key, {}, value, kLive}, old, 0);
    hot_.Unlock(hash);
    EXPECT_TRUE(position.ok()) << position.status();
    return position.value_or(0);
  }

  const TestDirectory directory_;
  const HotFile file_ = *HotFile::Open(directory_.Options(OpenMode::kCreate, 2 * kMemoryMin));
  HotTier hot_{file_, 1};
};

TEST_F(HotTierTest, ThousandsOfKeysOfOneHashAreAllFound) {
  for (int i = 0; i < 2000; ++i) Put(5, absl::StrCat("key", i), absl::StrCat("value", i));
  RecordCopy copy;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(hot_.TryRead(5, absl::StrCat("key", i), copy), HotTier::Found::kRecord);
    ASSERT_EQ(copy.value, absl::StrCat("value", i));
  }
  EXPECT_EQ(hot_.TryRead(5, "other", copy), HotTier::Found::kNothing);
  std::vector<Record> records;
  EXPECT_TRUE(hot_.TrySnapshot(file_.bucket_of(5), records));
  EXPECT_EQ(records.size(), 2000u);
}

TEST_F(HotTierTest, ALockIsMadeWhenItIsFirstUsed) {
  EXPECT_EQ(file_.bucket_lock(file_.bucket_of(5)).is_made, 0u);
  ASSERT_TRUE(hot_.TryLock(5));
  EXPECT_EQ(file_.bucket_lock(file_.bucket_of(5)).is_made, 1u);
  hot_.Unlock(5);
  EXPECT_TRUE(hot_.Lock(5, absl::ZeroDuration()).ok());
  hot_.Unlock(5);
}

TEST_F(HotTierTest, ManyWhoUseALockFirstAtTheSameTimeHoldItOneAfterTheOther) {
  constexpr int kProcesses = 4;
  constexpr uint32_t kHashes = 5000;
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(Fork([&] {
      for (uint32_t hash = 0; hash < kHashes; ++hash) {
        if (!hot_.Lock(hash << 12, absl::Seconds(30)).ok()) ::_exit(1);
        // Not atomic: two at once would lose one, sooner or later.
        std::atomic<uint32_t>& count = hot_.LockOf(hash << 12).pools;
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        hot_.Unlock(hash << 12);
      }
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(WaitForEnd(child), 0);
  uint64_t total = 0;
  for (uint32_t bucket = 0; bucket < file_.header().bucket_count; ++bucket) {
    total += file_.bucket_lock(bucket).pools.exchange(0);
  }
  EXPECT_EQ(total, uint64_t{kProcesses} * kHashes);
}

TEST_F(HotTierTest, WhoDiesWhileItMakesALockKeepsNobodyFromIt) {
  EXPECT_EQ(WaitForEnd(Fork([&] {
              (void)TryAcquire(file_.header().making_lock, 1);
              InitializeLock(hot_.LockOf(5)).IgnoreError();
            })),
            0);
  EXPECT_TRUE(hot_.Lock(5, absl::ZeroDuration()).ok());
  hot_.Unlock(5);
  EXPECT_TRUE(hot_.Lock(6, absl::ZeroDuration()).ok());
  hot_.Unlock(6);
}

TEST_F(HotTierTest, ReplacedAndRemovedRecordsGiveTheirSlotsBack) {
  for (int i = 0; i < 100000; ++i) Put(1, "key", std::string(static_cast<size_t>(i) % 3000, 'x'));
  // One page for each size class that was used.
  EXPECT_LE(file_.header().pages_used, *SizeClassFor(SlotBytes(3, 3000)) + 1);
  ASSERT_TRUE(hot_.Lock(1, absl::ZeroDuration()).ok());
  const uint32_t position = *hot_.Find(1, "key");
  EXPECT_TRUE(hot_.Contains(1, position));
  ASSERT_TRUE(hot_.Remove(1, position, hot_.pools().PoolOf(position)).ok());
  EXPECT_FALSE(hot_.Contains(1, position));
  EXPECT_EQ(*hot_.Find(1, "key"), 0u);
  hot_.Unlock(1);
}

// As the daemon does, which makes an empty record, and its clients, who give it a value and delete
// it.
TEST_F(HotTierTest, SlotsGoBackToWhoeverTookTheirPage) {
  constexpr uint32_t kMaker = 0;
  constexpr uint32_t kUser = 1;
  for (int i = 0; i < 100000; ++i) {
    ASSERT_TRUE(hot_.Lock(1, absl::ZeroDuration()).ok());
    const uint32_t empty = *hot_.Put(1, {"key", {}, "", kLive}, 0, kMaker);
    const uint32_t full = *hot_.Put(1, {"key", {}, std::string(100, 'x'), kLive}, empty, kUser);
    ASSERT_TRUE(hot_.Remove(1, full, hot_.pools().PoolOf(full)).ok());
    hot_.Unlock(1);
  }
  EXPECT_LE(file_.header().pages_used, 2u);
  AuditSlots(directory_.Options());
}

TEST_F(HotTierTest, RecordsOfOneSizeTakeTurnsWithTheSpareSlot) {
  const uint32_t first = Put(1, "key", "0");
  ASSERT_TRUE(hot_.Lock(1, absl::ZeroDuration()).ok());
  const uint32_t second = hot_.Swap(1, {"key", {}, "1", kLive}, first, 0);
  ASSERT_NE(second, 0u);
  EXPECT_EQ(*hot_.Find(1, "key"), second);
  EXPECT_EQ(hot_.ValueAt(second), "1");
  EXPECT_EQ(hot_.Swap(1, {"key", {}, "2", kLive}, second, 0), first);
  // Another size is another pool's.
  EXPECT_EQ(hot_.Swap(1, {"key", {}, std::string(1000, 'x'), kLive}, first, 0), 0u);
  EXPECT_EQ(hot_.ValueAt(*hot_.Find(1, "key")), "2");
  hot_.Unlock(1);
  AuditSlots(directory_.Options());
}

// A process does so much of a change in place, and dies.
TEST_F(HotTierTest, DeadUserOfTheSpareSlotIsNoticedByTheNextUserOfIt) {
  const uint32_t pool = SlotPools::PoolIndex(0, *SizeClassFor(SlotBytes(3, 1)));
  const uint32_t other = Put(2, "two", "0");
  for (const int steps : {1, 2, 3, 4}) {
    const uint32_t old = Put(1, "one", "0");
    WaitForEnd(Fork([&] {
      HotTier dying(file_, 2);
      (void)dying.Lock(1, absl::ZeroDuration());
      dying.LockOf(1).pools = pool + 1;
      uint32_t user;
      const uint32_t spare = dying.pools().ClaimSpare(pool, file_.bucket_of(1), user);
      if (steps > 1) FillSlot(dying.At(spare), 1, {"one", {}, "1", kLive}, 0);
      if (steps > 2) dying.pools().BeginSwap(pool, old);
      if (steps > 3) dying.GroupOf(1).head(1) = spare;
    }));
    ASSERT_EQ(file_.pool(pool).spare_user, file_.bucket_of(1) + 1);
    // Nobody locks the dead one's record, but this one wants the spare slot.
    ASSERT_TRUE(hot_.Lock(2, absl::ZeroDuration()).ok());
    EXPECT_EQ(hot_.Swap(2, {"two", {}, "1", kLive}, other, 0), 0u);
    EXPECT_EQ(file_.pool(pool).spare_user, 0u);
    hot_.Unlock(2);
    RecordCopy copy;
    ASSERT_EQ(hot_.TryRead(1, "one", copy), HotTier::Found::kRecord);
    EXPECT_EQ(copy.value, steps > 3 ? "1" : "0");
    AuditSlots(directory_.Options());
  }
}

TEST_F(HotTierTest, DamagedChainIsDataLossAndNotACrash) {
  const uint32_t first = Put(1, "a", "1");
  const uint32_t second = Put(1, "b", "2");
  for (const uint32_t wrong : {second, UINT32_MAX, 1024u, file_.header().page_count * kPageUnits}) {
    file_.slot(first).next = wrong;
    ASSERT_TRUE(hot_.Lock(1, absl::ZeroDuration()).ok());
    EXPECT_TRUE(absl::IsDataLoss(hot_.Find(1, "missing").status())) << wrong;
    hot_.Unlock(1);
    RecordCopy copy;
    EXPECT_EQ(hot_.TryRead(1, "missing", copy), HotTier::Found::kChanged) << wrong;
  }
  file_.slot(first).next = 0;
  file_.slot(first).value_size = UINT32_MAX;
  ASSERT_TRUE(hot_.Lock(1, absl::ZeroDuration()).ok());
  EXPECT_TRUE(absl::IsDataLoss(hot_.Find(1, "a").status()));
  hot_.Unlock(1);
}

}  // namespace
}  // namespace ctdb::store
