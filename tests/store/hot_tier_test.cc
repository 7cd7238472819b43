// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/hot_tier.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
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
  EXPECT_TRUE(hot_.TrySnapshot(5, records));
  EXPECT_EQ(records.size(), 2000u);
}

TEST_F(HotTierTest, ReplacedAndRemovedRecordsGiveTheirSlotsBack) {
  for (int i = 0; i < 100000; ++i) Put(1, "key", std::string(static_cast<size_t>(i) % 3000, 'x'));
  // One page for each size class that was used.
  EXPECT_LE(file_.header().pages_used, *SizeClassFor(SlotBytes(3, 3000)) + 1);
  ASSERT_TRUE(hot_.Lock(1, absl::ZeroDuration()).ok());
  const uint32_t position = *hot_.Find(1, "key");
  EXPECT_TRUE(hot_.Contains(1, position));
  ASSERT_TRUE(hot_.Remove(1, position, 0).ok());
  EXPECT_FALSE(hot_.Contains(1, position));
  EXPECT_EQ(*hot_.Find(1, "key"), 0u);
  hot_.Unlock(1);
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
