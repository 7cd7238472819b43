// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/write_back.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

class WriteBackTest : public testing::Test {
 protected:
  static constexpr int kRecords = 100;

  void SetUp() override {
    for (int i = 0; i < kRecords; ++i) {
      const std::string key = absl::StrCat("key", i);
      const uint32_t hash = static_cast<uint32_t>(i);
      ASSERT_TRUE(hot_.Lock(hash, absl::ZeroDuration()).ok());
      ASSERT_TRUE(hot_.Put(hash, {key, {}, "value", kLive | kDirty}, 0, 0).ok());
      hot_.Unlock(hash);
    }
  }
  bool IsHot(int i) {
    RecordCopy copy;
    return hot_.TryRead(static_cast<uint32_t>(i), absl::StrCat("key", i), copy) ==
           HotTier::Found::kRecord;
  }
  bool IsCold(int i) {
    RecordCopy copy;
    return *cold_.Get(absl::StrCat("key", i), copy) && copy.value == "value";
  }

  const TestDirectory directory_;
  const HotFile file_ = *HotFile::Open(directory_.Options());
  HotTier hot_{file_, 1};
  ColdTier cold_{file_, 1};
  WriteBack write_back_{file_, hot_, cold_};
  const uint32_t size_class_ = *SizeClassFor(SlotBytes(5, 5));
};

TEST_F(WriteBackTest, RoomIsMadeByWhatNobodyUsedAndNobodyHolds) {
  // Everything has been used; this takes that away from all but the first ten.
  for (int i = 0; i < kRecords; ++i) {
    file_.slot(*hot_.Find(static_cast<uint32_t>(i), absl::StrCat("key", i))).used = i < 10;
  }
  ASSERT_TRUE(hot_.Lock(50, absl::ZeroDuration()).ok());
  EXPECT_EQ(*write_back_.MakeRoom(0, size_class_), WriteBack::kBatch);
  hot_.Unlock(50);
  int moved = 0;
  for (int i = 0; i < kRecords; ++i) {
    EXPECT_NE(IsHot(i), IsCold(i)) << i;
    moved += IsCold(i) ? 1 : 0;
    if (i < 10 || i == 50) {
      EXPECT_TRUE(IsHot(i)) << i;
    }
  }
  EXPECT_EQ(moved, static_cast<int>(WriteBack::kBatch));
  while (*write_back_.MakeRoom(0, size_class_) != 0) {
  }
  for (int i = 0; i < kRecords; ++i) EXPECT_TRUE(IsCold(i) && !IsHot(i)) << i;
}

TEST_F(WriteBackTest, CopiedRecordsStayAndThoseInUseAreLeft) {
  ASSERT_TRUE(hot_.Lock(50, absl::ZeroDuration()).ok());
  uint32_t bucket = 0;
  EXPECT_EQ(*write_back_.Copy(bucket, file_.header().bucket_count), 1u);
  hot_.Unlock(50);
  for (int i = 0; i < kRecords; ++i) {
    EXPECT_TRUE(IsHot(i));
    EXPECT_EQ(IsCold(i), i != 50);
  }
  bucket = 0;
  EXPECT_EQ(*write_back_.Copy(bucket, file_.header().bucket_count), 0u);
  EXPECT_TRUE(IsCold(50));
}

}  // namespace
}  // namespace ctdb::store
