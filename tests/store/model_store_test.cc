// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/model_store.h"

#include <gtest/gtest.h>

#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

class ModelStoreTest : public testing::Test {
 protected:
  int64_t now_ = 100;
  ModelStore store_{[this] { return now_; }};
};

TEST_F(ModelStoreTest, WhatIsStoredIsReadAndWhatIsDeletedIsNot) {
  EXPECT_EQ(Get(store_, "a"), std::nullopt);
  ASSERT_TRUE(Put(store_, "a", "1", 7).ok());
  EXPECT_EQ(Get(store_, "a"), "1");
  {
    absl::StatusOr<LockedRecord> record = store_.Lock("a", {});
    ASSERT_TRUE(record.ok());
    EXPECT_EQ(record->header().counter, 7u);
    EXPECT_EQ(record->value(), "1");
  }
  ASSERT_TRUE(Delete(store_, "a").ok());
  EXPECT_EQ(Get(store_, "a"), std::nullopt);
}

TEST_F(ModelStoreTest, LockedKeyIsRefusedUntilItIsUnlocked) {
  absl::StatusOr<LockedRecord> record = store_.Lock("a", {});
  EXPECT_TRUE(absl::IsDeadlineExceeded(store_.Lock("a", {}).status()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(store_.Wipe(absl::ZeroDuration())));
  EXPECT_TRUE(store_.Lock("b", {}).ok());
  record->Unlock();
  EXPECT_TRUE(absl::IsFailedPrecondition(record->Store({}, "late")));
  EXPECT_TRUE(absl::IsFailedPrecondition(record->Delete()));
  EXPECT_TRUE(store_.Lock("a", {}).ok());
}

TEST_F(ModelStoreTest, LeaseIsCheckedWhenAskedFor) {
  EXPECT_TRUE(absl::IsUnavailable(store_.Lock("a", {.need_lease = true}).status()));
  store_.SetServeUntil(101);
  EXPECT_TRUE(store_.Lock("a", {.need_lease = true}).ok());
  now_ = 101;
  EXPECT_TRUE(absl::IsUnavailable(store_.Lock("a", {.need_lease = true}).status()));
  EXPECT_TRUE(store_.Lock("a", {}).ok());
}

TEST_F(ModelStoreTest, LeaseThatPassesWhileTheRecordIsLockedLeavesItAsItWas) {
  ASSERT_TRUE(Put(store_, "a", "before").ok());
  store_.SetServeUntil(101);
  absl::StatusOr<LockedRecord> record = store_.Lock("a", {.need_lease = true});
  ASSERT_TRUE(record.ok());
  now_ = 101;
  EXPECT_TRUE(absl::IsUnavailable(record->Store({}, "late")));
  EXPECT_TRUE(absl::IsUnavailable(record->Delete()));
  EXPECT_EQ(record->value(), "before");
  record->Unlock();
  EXPECT_EQ(Get(store_, "a"), "before");
  EXPECT_TRUE(Put(store_, "a", "after").ok());
}

TEST_F(ModelStoreTest, OwnershipOfAnEarlierMembershipIsOnlyACopy) {
  EXPECT_EQ(store_.OwnedSince(), Epoch(0));
  store_.SetOwnedSince(Epoch(7));
  EXPECT_EQ(store_.OwnedSince(), Epoch(7));
  EXPECT_EQ(store_.Statistics()->owned_since, Epoch(7));
  RecordHeader header;
  header.owner = NodeNumber(2);
  for (const uint64_t epoch : {6, 7, 8}) {
    header.epoch = Epoch(epoch);
    EXPECT_EQ(IsOwnedBy(header, NodeNumber(2), store_.OwnedSince()), epoch >= 7);
    EXPECT_FALSE(IsOwnedBy(header, NodeNumber(1), store_.OwnedSince()));
  }
}

TEST_F(ModelStoreTest, KeysAndValuesBeyondTheLimitsAreRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Put(store_, "", "1")));
  EXPECT_TRUE(absl::IsInvalidArgument(Put(store_, std::string(kKeyBytesMax + 1, 'k'), "1")));
  EXPECT_TRUE(absl::IsInvalidArgument(Put(store_, "a", std::string(kValueBytesMax + 1, 'v'))));
  EXPECT_EQ(Get(store_, "a"), std::nullopt);
}

TEST_F(ModelStoreTest, IterationSeesEachRecordAndWipeRemovesThem) {
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(Put(store_, key, "1").ok());
  Cursor cursor;
  std::string keys;
  for (auto records = store_.Next(cursor, 1); !records->empty(); records = store_.Next(cursor, 1)) {
    for (const Record& record : *records) keys += record.key;
  }
  EXPECT_EQ(keys, "abc");
  EXPECT_EQ(store_.Statistics()->records, 3u);
  ASSERT_TRUE(store_.Wipe(absl::ZeroDuration()).ok());
  EXPECT_EQ(store_.Statistics()->records, 0u);
}

}  // namespace
}  // namespace ctdb::store
