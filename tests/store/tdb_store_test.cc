// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/store/tdb_store_support.h"

namespace ctdb::store {
namespace {

class TdbStoreTest : public testing::Test {
 protected:
  void Open() {
    store_ = MustOpenTdb(options_);
    Serve(*store_);
  }
  const TestDirectory directory_;
  TdbStore::Options options_ = TdbOptions(directory_);
  std::shared_ptr<TdbStore> store_;
};

// 9.2: lock, look, use, store with the same header, unlock.
TEST_F(TdbStoreTest, WhatTheDaemonStoresSmbdFindsAndWhatSmbdStoresTheDaemonFinds_REC2_REC6) {
  SmbdProcess smbd(options_.path, {[](SmbdPart& file) {
                     const std::string stored = file.FetchLocked("key", [] { ::_exit(1); });
                     const bool is_same = stored.substr(SmbdPart::kHeaderBytes) == "value";
                     const bool is_stored = file.Store("key", stored, "changed");
                     file.Unlock("key");
                     return is_same && is_stored;
                   }});
  Open();
  const RecordHeader header = HeaderOf(kTestNode, uint64_t{5} << 24, 77);
  ASSERT_EQ(PutTdb(*store_, "key", header, "value"), absl::OkStatus());
  EXPECT_TRUE(smbd.Do());
  const absl::StatusOr<LockedRecord> record = store_->Lock("key", {.wait = absl::Seconds(10)});
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->value(), "changed");
  EXPECT_EQ(record->header(), header) << "the version names the ownership, whoever writes";
}

TEST_F(TdbStoreTest, ARecordOfAnotherNodeOrLentOutIsNotSmbds_REC3a) {
  const auto is_usable = [](const char* key) {
    return [key](SmbdPart& file) { return file.IsUsable(file.Stored(key)); };
  };
  SmbdProcess smbd(options_.path, {is_usable("mine"), is_usable("theirs"), is_usable("lent"),
                                   is_usable("nowhere"), is_usable("empty")});
  Open();
  RecordHeader header = HeaderOf(kTestNode, 1);
  ASSERT_TRUE(PutTdb(*store_, "mine", header, "v").ok());
  ASSERT_TRUE(PutTdb(*store_, "empty", header, "").ok());
  ASSERT_TRUE(PutTdb(*store_, "theirs", HeaderOf(NodeNumber(4), 1), "v").ok());
  header.flags = kLentOut;
  ASSERT_TRUE(PutTdb(*store_, "lent", header, "v").ok());
  EXPECT_TRUE(smbd.Do());
  EXPECT_FALSE(smbd.Do());
  EXPECT_FALSE(smbd.Do());
  EXPECT_FALSE(smbd.Do());
  EXPECT_TRUE(smbd.Do()) << "a header alone can be locked (REC-7)";
}

TEST_F(TdbStoreTest, WhatSmbdHoldsIsWaitedForAsLongAsTheCallerLikes_REC5_REC11) {
  SmbdProcess smbd(options_.path, {[](SmbdPart& file) { return file.Lock("key"), true; },
                                   [](SmbdPart& file) { return file.Unlock("key"), true; }});
  Open();
  ASSERT_TRUE(PutTdb(*store_, "key", HeaderOf(kTestNode, 1), "v").ok());
  ASSERT_TRUE(smbd.Do());
  const absl::Status refused = store_->Lock("key", {}).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), testing::HasSubstr(absl::StrCat(smbd.pid())));
  EXPECT_TRUE(
      absl::IsDeadlineExceeded(store_->Lock("key", {.wait = absl::Milliseconds(20)}).status()));
  absl::Status waited;
  std::thread waiter([&] { waited = store_->Lock("key", {.wait = absl::Minutes(1)}).status(); });
  EXPECT_TRUE(smbd.Do());
  waiter.join();
  EXPECT_EQ(waited, absl::OkStatus());
}

TEST_F(TdbStoreTest, OtherRecordsAreUsedWhileSmbdHoldsOne_REC9) {
  SmbdProcess smbd(options_.path, {[](SmbdPart& file) { return file.Lock("key 0"), true; }});
  Open();
  ASSERT_TRUE(smbd.Do());
  int used = 0;
  for (int i = 1; i < 50; ++i) {
    used += store_->Lock(absl::StrCat("key ", i), {}).ok() ? 1 : 0;
  }
  EXPECT_GE(used, 45) << "some share the chain";
}

TEST_F(TdbStoreTest, ALockDiesWithItsHolder_DB22) {
  SmbdProcess smbd(options_.path, {[](SmbdPart& file) { return file.Lock("key"), true; }});
  Open();
  ASSERT_TRUE(PutTdb(*store_, "key", HeaderOf(kTestNode, 1), "v").ok());
  ASSERT_TRUE(smbd.Do());
  smbd.Kill();
  const absl::StatusOr<LockedRecord> record = store_->Lock("key", {.wait = absl::Seconds(10)});
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->value(), "v");
}

// libtdb itself would let the second one in.
TEST_F(TdbStoreTest, ThreadsOfThisProcessExcludeEachOther) {
  Open();
  absl::StatusOr<LockedRecord> record = store_->Lock("key", {});
  ASSERT_TRUE(record.ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(store_->Lock("key", {}).status()));
  absl::Status other;
  std::thread([&] { other = store_->Lock("key", {}).status(); }).join();
  EXPECT_TRUE(absl::IsDeadlineExceeded(other)) << other;
  record->Unlock();
  std::thread([&] { other = store_->Lock("key", {}).status(); }).join();
  EXPECT_EQ(other, absl::OkStatus());
}

TEST_F(TdbStoreTest, WithoutLeaseSmbdWaitsAndTheDaemonReadsAndWrites_RCV6) {
  SmbdProcess smbd(options_.path, {[](SmbdPart& file) { return file.TryLock("key"); },
                                   [](SmbdPart& file) { return file.Lock("key"), true; }});
  store_ = MustOpenTdb(options_);
  EXPECT_TRUE(store_->IsFrozen());
  ASSERT_TRUE(PutTdb(*store_, "key", HeaderOf(kTestNode, 1), "v").ok());
  EXPECT_EQ(Get(*store_, "key"), "v");
  EXPECT_FALSE(smbd.Do());
  smbd.Begin();
  Cursor cursor;
  EXPECT_EQ(store_->Next(cursor, 1000)->size(), 1u);
  EXPECT_FALSE(smbd.IsDone());
  EXPECT_TRUE(absl::IsUnavailable(store_->Lock("key", {.need_lease = true}).status()));
  Serve(*store_);
  EXPECT_TRUE(smbd.End());
}

TEST_F(TdbStoreTest, AfterAnAbsenceSmbdDoesNotFindWhatWasThisNodes_CALL12_RCV8) {
  const auto is_usable = [](const char* key) {
    return [key](SmbdPart& file) {
      file.Lock(key);
      const bool is = file.IsUsable(file.Stored(key));
      file.Unlock(key);
      return is;
    };
  };
  SmbdProcess smbd(options_.path, {is_usable("old"), is_usable("old"), is_usable("new")});
  Open();
  ASSERT_TRUE(PutTdb(*store_, "old", HeaderOf(kTestNode, 5, 9), "v").ok());
  EXPECT_TRUE(smbd.Do());
  store_->SetServeUntil(0);
  ASSERT_TRUE(WaitUntil([&] { return store_->IsFrozen(); }));
  smbd.Begin();
  // As the driver does it: first since when records are owned, then the lease.
  store_->SetOwnedSince(Epoch(8));
  ASSERT_TRUE(PutTdb(*store_, "new", HeaderOf(kTestNode, 8, 1), "v").ok());
  store_->SetServeUntil(LeaseFor(absl::Hours(1)));
  EXPECT_FALSE(smbd.End());
  EXPECT_TRUE(smbd.Do());
  const absl::StatusOr<LockedRecord> old = store_->Lock("old", {.wait = absl::Seconds(10)});
  EXPECT_EQ(old->header(), HeaderOf(kTdbNobody, 5, 9)) << "recovery may still need the copy";
  EXPECT_EQ(old->value(), "v");
}

// It goes on with what it holds; everybody else waits, from before the lease has passed.
TEST_F(TdbStoreTest, AHolderDelaysTheFenceAndNobodyElseGoesOn_RCV2_CALL12) {
  SmbdProcess holder(options_.path, {[](SmbdPart& file) { return file.Lock("key"), true; },
                                     [](SmbdPart& file) { return file.Unlock("key"), true; }});
  SmbdProcess other(options_.path, {[](SmbdPart& file) { return file.Lock("other key"), true; }});
  Reports reports;
  options_.report = reports.Collector();
  Open();
  ASSERT_TRUE(holder.Do());
  store_->SetServeUntil(0);
  ASSERT_TRUE(WaitUntil([&] { return reports.Name(holder.pid()); })) << reports.text();
  // The fence waits in libtdb now or will in a moment: other locks come after it.
  EXPECT_TRUE(WaitUntil([&] { return !store_->Lock("other key", {}).ok(); }));
  other.Begin();
  EXPECT_FALSE(store_->IsFrozen());
  EXPECT_TRUE(holder.Do());
  EXPECT_TRUE(WaitUntil([&] { return store_->IsFrozen(); }));
  EXPECT_FALSE(other.IsDone());
  Serve(*store_);
  EXPECT_TRUE(other.End());
  store_.reset();
}

TEST_F(TdbStoreTest, ARecordThatTheDaemonItselfHoldsTooLongIsToldOf) {
  Reports reports;
  options_.report = reports.Collector();
  Open();
  {
    const absl::StatusOr<LockedRecord> held = store_->Lock("key", {});
    ASSERT_TRUE(held.ok()) << held.status();
    store_->SetServeUntil(0);
    EXPECT_TRUE(WaitUntil([&] { return reports.Name(::getpid()); })) << reports.text();
    EXPECT_FALSE(store_->IsFrozen());
  }
  EXPECT_TRUE(WaitUntil([&] { return store_->IsFrozen(); }));
  store_.reset();
}

TEST_F(TdbStoreTest, ReadOnlyCopiesAreRefused_RO8) {
  Open();
  RecordHeader header = HeaderOf(NodeNumber(4), 1);
  header.flags = kReadOnly;
  EXPECT_TRUE(absl::IsInvalidArgument(PutTdb(*store_, "key", header, "v")));
}

TEST_F(TdbStoreTest, TheSequenceNumberCountsEverybodysChangesOnceItIsOn_SEQ1_DB25) {
  SmbdProcess smbd(options_.path, {[](SmbdPart& file) {
                     file.Lock("key");
                     const bool is = file.Store("key", *file.Stored("key"), "changed");
                     file.Unlock("key");
                     return is;
                   }},
                   UsableVolatileFlags() | kTdbSequenceFlag);
  Open();
  ASSERT_TRUE(PutTdb(*store_, "key", HeaderOf(kTestNode, 1), "v").ok());
  EXPECT_EQ(*store_->Sequence(), 0u);
  EXPECT_EQ(store_->open_flags(), UsableVolatileFlags());
  store_->EnableSequence();
  EXPECT_EQ(store_->open_flags(), UsableVolatileFlags() | kTdbSequenceFlag);
  ASSERT_TRUE(PutTdb(*store_, "key", HeaderOf(kTestNode, 1), "w").ok());
  EXPECT_EQ(*store_->Sequence(), 1u);
  EXPECT_TRUE(smbd.Do());
  EXPECT_EQ(*store_->Sequence(), 2u);
  EXPECT_TRUE(store_->IncrementSequence().ok());
  EXPECT_EQ(*store_->Sequence(), 3u);
}

TEST_F(TdbStoreTest, AHeaderThatDoesNotFitLeavesTheRecordAsItWas) {
  Open();
  ASSERT_TRUE(PutTdb(*store_, "key", HeaderOf(kTestNode, 1), "v").ok());
  EXPECT_TRUE(absl::IsResourceExhausted(
      PutTdb(*store_, "key", HeaderOf(kTestNode, kTdbEpochMax + 1), "w")));
  EXPECT_EQ(Get(*store_, "key"), "v");
}

TEST_F(TdbStoreTest, KeysAndValuesHaveTheLimitsOfEveryStore) {
  Open();
  EXPECT_TRUE(absl::IsInvalidArgument(Put(*store_, "", "1")));
  EXPECT_TRUE(absl::IsInvalidArgument(Put(*store_, std::string(kKeyBytesMax + 1, 'k'), "1")));
  EXPECT_TRUE(Put(*store_, std::string(kKeyBytesMax, 'k'), std::string(8 << 20, 'v')).ok());
  EXPECT_EQ(Get(*store_, std::string(kKeyBytesMax, 'k'))->size(), size_t{8} << 20);
}

TEST_F(TdbStoreTest, ALeaseThatPassesWhileTheRecordIsLockedLeavesItAsItWas) {
  Open();
  ASSERT_TRUE(Put(*store_, "a", "before").ok());
  {
    absl::StatusOr<LockedRecord> record = store_->Lock("a", {.need_lease = true});
    ASSERT_TRUE(record.ok()) << record.status();
    store_->SetServeUntil(1);
    EXPECT_TRUE(absl::IsUnavailable(record->Store({}, "late")));
    EXPECT_TRUE(absl::IsUnavailable(record->Delete()));
  }
  EXPECT_EQ(Get(*store_, "a"), "before");
}

TEST_F(TdbStoreTest, WipeRemovesAllAndStatisticsCount) {
  Open();
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(Put(*store_, absl::StrCat("k", i), "v").ok());
  EXPECT_EQ(store_->Statistics()->records, 500u);
  ASSERT_TRUE(store_->Wipe(absl::Seconds(10)).ok());
  EXPECT_EQ(store_->Statistics()->records, 0u);
  Cursor cursor;
  EXPECT_TRUE(store_->Next(cursor, 1000)->empty());
  EXPECT_TRUE(cursor.done);
}

}  // namespace
}  // namespace ctdb::store
