// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/native_store.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <time.h>

#include <iostream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

std::map<std::string, std::string> Everything(RecordStore& store) {
  std::map<std::string, std::string> all;
  Cursor cursor;
  while (true) {
    const absl::StatusOr<std::vector<Record>> records = store.Next(cursor, 4096);
    if (!records.ok()) ADD_FAILURE() << records.status();
    if (!records.ok() || records->empty()) return all;
    for (const Record& record : *records) all[record.key] = record.copy.value;
  }
}

TEST(NativeStoreTest, RecordIsReadAsItWasStoredByEveryoneWhoHasItOpen) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  RecordHeader header;
  header.owner = NodeNumber(3);
  header.flags = kTombstone;
  header.epoch = Epoch(uint64_t{1} << 40);
  header.counter = uint64_t{1} << 50;
  {
    absl::StatusOr<LockedRecord> record = store->Lock("key", {});
    ASSERT_TRUE(record.ok()) << record.status();
    EXPECT_FALSE(record->exists());
    ASSERT_TRUE(record->Store(header, "value").ok());
    EXPECT_TRUE(record->exists());
    EXPECT_EQ(record->value(), "value");
  }
  const auto other = MustOpen(directory.Options(OpenMode::kExisting));
  RecordCopy copy;
  ASSERT_TRUE(*other->Read("key", copy));
  EXPECT_EQ(copy, (RecordCopy{header, "value"}));
  absl::StatusOr<LockedRecord> record = other->Lock("key", {});
  EXPECT_EQ(record->header(), header);
}

TEST(NativeStoreTest, FlagsThatAreHintsAreClearedWhereTheyAre) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  {
    absl::StatusOr<LockedRecord> record = store->Lock("key", {});
    ASSERT_TRUE(record.ok()) << record.status();
    RecordHeader header;
    header.flags = kAwaited | kWatched;
    ASSERT_TRUE(record->Store(header, "value").ok());
    record->ClearFlags(kAwaited | kTellUse);
    EXPECT_EQ(record->header().flags, kWatched);
    EXPECT_EQ(record->value(), "value");
  }
  const auto other = MustOpen(directory.Options(OpenMode::kExisting));
  EXPECT_EQ(other->Lock("key", {})->header().flags, kWatched);
}

TEST(NativeStoreTest, KeyOfALockedRecordIsItsOwn) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  for (const size_t value_size : {10, 100'000}) {
    std::string name = "key";
    absl::StatusOr<LockedRecord> record = store->Lock(name, {});
    ASSERT_TRUE(record.ok()) << record.status();
    name = "something else";
    EXPECT_EQ(record->key(), "key");
    ASSERT_TRUE(record->Store({}, std::string(value_size, 'x')).ok());
    EXPECT_EQ(record->key(), "key");
    ASSERT_TRUE(record->Delete().ok());
    EXPECT_EQ(record->key(), "key");
    record->Unlock();
    EXPECT_EQ(Get(*store, "key"), std::nullopt);
  }
}

TEST(NativeStoreTest, KeysAndValuesOfEverySizeUpToTheLimits) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  for (size_t key_size : {1, 7, 8, 511, 512, 8000, 9000, 65536}) {
    for (size_t value_size : {0, 1, 100, 8000, 9000, 1 << 20}) {
      const std::string key(key_size, 'k');
      const std::string value(value_size, 'v');
      ASSERT_TRUE(Put(*store, key, value).ok()) << key_size << " " << value_size;
      EXPECT_EQ(Get(*store, key), value) << key_size << " " << value_size;
    }
    ASSERT_TRUE(Delete(*store, std::string(key_size, 'k')).ok());
    EXPECT_EQ(Get(*store, std::string(key_size, 'k')), std::nullopt);
  }
  ASSERT_TRUE(Put(*store, "large", std::string(kValueBytesMax, 'v')).ok());
  EXPECT_EQ(Get(*store, "large")->size(), kValueBytesMax);
  EXPECT_TRUE(absl::IsInvalidArgument(Put(*store, "large", std::string(kValueBytesMax + 1, 'v'))));
  EXPECT_TRUE(absl::IsInvalidArgument(Put(*store, std::string(kKeyBytesMax + 1, 'k'), "")));
  EXPECT_TRUE(absl::IsInvalidArgument(Put(*store, "", "")));
  EXPECT_EQ(Get(*store, "large")->size(), kValueBytesMax);
}

TEST(NativeStoreTest, MoreThanFitsInMemoryOverflowsAndIsFoundAgain) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  std::map<std::string, std::string> expected;
  for (int i = 0; i < 20000; ++i) {
    const std::string key = absl::StrCat("key", i);
    expected[key] = absl::StrCat("value", i, std::string(100, 'x'));
    ASSERT_TRUE(Put(*store, key, expected[key]).ok());
  }
  const StoreStatistics statistics = *store->Statistics();
  EXPECT_EQ(statistics.records, 20000u);
  EXPECT_GT(statistics.evictions, 10000u);
  EXPECT_LE(statistics.memory_bytes, statistics.memory_limit);
  EXPECT_GT(statistics.cold_bytes, 1000000u);
  EXPECT_EQ(Everything(*store), expected);
  for (const auto& [key, value] : expected) ASSERT_EQ(Get(*store, key), value);
  ASSERT_TRUE(store->Wipe(absl::Seconds(10)).ok());
  EXPECT_EQ(store->Statistics()->records, 0u);
  EXPECT_TRUE(Everything(*store).empty());
}

TEST(NativeStoreTest, DeletedRecordDoesNotComeBackFromTheColdTier) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  ASSERT_TRUE(Put(*store, "key", "value").ok());
  uint32_t bucket = 0;
  ASSERT_TRUE(store->CopyToCold(bucket, UINT32_MAX).ok());
  EXPECT_EQ(bucket, 0u);
  ASSERT_TRUE(Delete(*store, "key").ok());
  EXPECT_EQ(Get(*store, "key"), std::nullopt);
  ASSERT_TRUE(store->CopyToCold(bucket, UINT32_MAX).ok());
  EXPECT_EQ(Get(*store, "key"), std::nullopt);
  EXPECT_TRUE(Everything(*store).empty());
  ASSERT_TRUE(Put(*store, "key", "again").ok());
  EXPECT_EQ(Get(*store, "key"), "again");
}

TEST(NativeStoreTest, LeaseIsCheckedWhenAskedFor) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  EXPECT_TRUE(absl::IsUnavailable(store->Lock("key", {.need_lease = true}).status()));
  timespec now;
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  store->SetServeUntil((int64_t{now.tv_sec} + 3600) * 1'000'000'000);
  EXPECT_TRUE(store->Lock("key", {.need_lease = true}).ok());
  store->SetServeUntil(int64_t{now.tv_sec} * 1'000'000'000);
  EXPECT_TRUE(absl::IsUnavailable(store->Lock("key", {.need_lease = true}).status()));
  EXPECT_TRUE(store->Lock("key", {}).ok());
}

TEST(NativeStoreTest, LeaseThatPassesWhileTheRecordIsLockedLeavesItAsItWas) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  ASSERT_TRUE(Put(*store, "key", "before").ok());
  timespec now;
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  store->SetServeUntil((int64_t{now.tv_sec} + 3600) * 1'000'000'000);
  absl::StatusOr<LockedRecord> record = store->Lock("key", {.need_lease = true});
  ASSERT_TRUE(record.ok()) << record.status();
  ASSERT_TRUE(record->Store({}, "held").ok());
  store->SetServeUntil(int64_t{now.tv_sec} * 1'000'000'000);
  const absl::Status status = record->Store({}, "late");
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "while the record was locked")) << status;
  EXPECT_TRUE(absl::IsUnavailable(record->Delete()));
  EXPECT_EQ(record->value(), "held");
  record->Unlock();
  EXPECT_EQ(Get(*store, "key"), "held");
  // Who never asked for a lease needs none.
  EXPECT_TRUE(Put(*store, "key", "after").ok());
}

TEST(NativeStoreTest, EveryoneSeesSinceWhenTheNodeIsAMember) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  EXPECT_EQ(store->OwnedSince(), Epoch(0));
  const uint64_t later = (uint64_t{1} << 40) + 3;
  store->SetOwnedSince(Epoch(later));
  const auto other = MustOpen(directory.Options(OpenMode::kExisting));
  EXPECT_EQ(other->OwnedSince(), Epoch(later));
  EXPECT_EQ(other->Statistics()->owned_since, Epoch(later));
  // Another membership's records are not this one's.
  const auto fresh = MustOpen(directory.Options(OpenMode::kReplace));
  EXPECT_EQ(fresh->OwnedSince(), Epoch(0));
}

TEST(NativeStoreTest, WhoHasAReplacedDatabaseOpenIsTold) {
  const TestDirectory directory;
  const auto old = MustOpen(directory.Options());
  ASSERT_TRUE(Put(*old, "key", "value").ok());
  const auto fresh = MustOpen(directory.Options(OpenMode::kReplace));
  EXPECT_EQ(Get(*fresh, "key"), std::nullopt);
  const absl::Status status = Put(*old, "key", "value");
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "open it again")) << status;
}

// The ticks, which a client looks at first, were left as they were.
TEST(NativeStoreTest, WhoHasAReplacedDatabaseOpenHasNoLease_Inv5) {
  const TestDirectory directory;
  const auto old = MustOpen(directory.Options());
  old->SetServeUntil(BootTimeNanoseconds() + int64_t{3600} * 1'000'000'000);
  absl::StatusOr<LockedRecord> record = old->Lock("key", {.need_lease = true});
  ASSERT_TRUE(record.ok()) << record.status();
  const auto fresh = MustOpen(directory.Options(OpenMode::kReplace));
  EXPECT_FALSE(old->HasLease());
  EXPECT_TRUE(absl::IsUnavailable(record->Store({}, "value")));
}

TEST(NativeStoreTest, MoreKeysThanBuckets) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(Put(*store, absl::StrCat(i), absl::StrCat(i)).ok());
  for (int i = 0; i < 5000; i += 2) ASSERT_TRUE(Delete(*store, absl::StrCat(i)).ok());
  for (int i = 0; i < 5000; ++i) {
    EXPECT_EQ(Get(*store, absl::StrCat(i)).has_value(), i % 2 == 1);
  }
}

TEST(NativeStoreTest, SyncedRecordsAreInTheColdTier) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  ASSERT_TRUE(Put(*store, "key", "value").ok());
  ASSERT_TRUE(store->Sync().ok());
  EXPECT_GT(store->Statistics()->cold_bytes, 0u);
  absl::StatusOr<LockedRecord> record = store->Lock("key", {});
  EXPECT_TRUE(record->Store({}, "other").ok());
  EXPECT_TRUE(absl::IsUnavailable(store->Sync()));
}

TEST(NativeStoreTest, HolderThatHangsIsNamedAndReadersDoNotWaitForIt) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  ASSERT_TRUE(Put(*store, "key", "value").ok());
  std::atomic<bool>& is_locked = SharedWithChildren<std::atomic<bool>>();
  const pid_t child = Fork([&] {
    const auto mine = NativeStore::Open(directory.Options(OpenMode::kExisting));
    const absl::StatusOr<LockedRecord> record = (*mine)->Lock("key", {});
    is_locked = record.ok();
    while (true) ::pause();
  });
  ASSERT_TRUE(WaitUntil([&] { return is_locked.load(); }));
  const absl::Status status = store->Lock("key", {.wait = absl::Milliseconds(30)}).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("process ", child))) << status;
  EXPECT_EQ(Get(*store, "key"), "value");
  EXPECT_EQ(Everything(*store).size(), 1u);
  ::kill(child, SIGKILL);
  WaitForEnd(child);
  EXPECT_TRUE(store->Lock("key", {.wait = absl::Seconds(10)}).ok());
  EXPECT_EQ(store->Statistics()->owner_deaths, 1u);
}

TEST(NativeStoreTest, SecondRecordBehindTheLockOfTheFirstIsRefused) {
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  const absl::StatusOr<LockedRecord> first = store->Lock("key", {});
  const absl::Status status = store->Lock("key", {.wait = absl::Seconds(10)}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

// Whether this process has a file system of its own there, so small that it is full soon. Root
// needs no user namespace for it, and others are nobody in theirs.
bool MountSmall(const TestDirectory& directory, const char* options) {
  return ::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", directory.path().c_str(), "tmpfs", 0, options) == 0;
}

TEST(NativeStoreTest, FullFileSystemIsAnErrorAndRecordsStayAsTheyWere) {
  const TestDirectory directory;
  const int status = WaitForEnd(Fork([&] {
    if (!MountSmall(directory, "size=7m")) ::_exit(77);
    auto store = NativeStore::Open(directory.Options(OpenMode::kCreate, 16 * kMemoryMin));
    if (!store.ok()) ::_exit(1);
    absl::Status full;
    int stored = 0;
    while (full.ok() && stored < 100000) {
      full = Put(**store, absl::StrCat("key", stored), std::string(100, 'x'));
      stored += full.ok() ? 1 : 0;
    }
    if (!absl::IsResourceExhausted(full)) {
      std::cerr << full << "\n";
      ::_exit(2);
    }
    if (stored < 1000) ::_exit(6);
    for (int i = 0; i < stored; ++i) {
      if (Get(**store, absl::StrCat("key", i)) != std::string(100, 'x')) ::_exit(3);
    }
    // Deleting what is in memory needs none, and gives some.
    int deleted = 0;
    for (int i = 0; i < stored; ++i) {
      const absl::Status status = Delete(**store, absl::StrCat("key", i));
      if (!status.ok() && !absl::IsResourceExhausted(status)) ::_exit(4);
      deleted += status.ok() ? 1 : 0;
    }
    if (deleted < stored / 2) ::_exit(7);
    if (!Put(**store, "key", std::string(100, 'y')).ok()) ::_exit(5);
  }));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "only root can mount";
  EXPECT_EQ(status, 0) << "step " << WEXITSTATUS(status);
}

// A record is given to another node by a new header; all nodes would wait for one that cannot be.
TEST(NativeStoreTest, RecordsOfAFullFileSystemCanBeGivenAwayAndDeleted) {
  const TestDirectory directory;
  const int status = WaitForEnd(Fork([&] {
    if (!MountSmall(directory, "size=24m")) ::_exit(77);
    auto store = NativeStore::Open(directory.Options(OpenMode::kCreate, kMemoryMin));
    if (!store.ok()) ::_exit(1);
    const std::string large(80'000, 'x');
    int stored = 0;
    while (Put(**store, absl::StrCat("key", stored), large).ok()) ++stored;
    if (stored < 100) ::_exit(2);
    // Nothing but what is there, and as often as one likes.
    for (int i = 0; i < 3 * stored; ++i) {
      if (!Put(**store, absl::StrCat("key", i % stored), large, /*counter=*/2).ok()) ::_exit(3);
    }
    if (Put(**store, "another", large).ok()) ::_exit(4);
    // What would be larger is refused, and stays.
    if (Put(**store, "key0", large + large).ok() || Get(**store, "key0") != large) ::_exit(5);
    for (int i = 0; i < stored; ++i) {
      if (!Delete(**store, absl::StrCat("key", i)).ok()) ::_exit(6);
    }
    // Their space is used again, though the file system is as full as before.
    for (int i = 0; i < stored / 2; ++i) {
      if (!Put(**store, absl::StrCat("new", i), large).ok()) ::_exit(7);
    }
  }));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "only root can mount";
  EXPECT_EQ(status, 0) << "step " << WEXITSTATUS(status);
}

// The same of the database's own limit.
TEST(NativeStoreTest, RecordsOfAFullDatabaseCanBeGivenAwayAndDeleted) {
  const TestDirectory directory;
  StoreOptions options = directory.Options();
  options.cold_bytes = 16 * 1024 * 1024;
  const auto store = MustOpen(options);
  const std::string large(80'000, 'x');
  int stored = 0;
  absl::Status full = Put(*store, "key0", large);
  for (; full.ok(); full = Put(*store, absl::StrCat("key", stored), large)) ++stored;
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_GT(stored, 100);
  for (int i = 0; i < 3 * stored; ++i) {
    ASSERT_TRUE(Put(*store, absl::StrCat("key", i % stored), large, /*counter=*/2).ok()) << i;
  }
  for (int i = 0; i < stored; ++i) {
    ASSERT_TRUE(Delete(*store, absl::StrCat("key", i)).ok()) << i;
  }
  EXPECT_TRUE(Put(*store, "new", large).ok());
}

}  // namespace
}  // namespace ctdb::store
