// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/last_clients.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/boot_time.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

constexpr char kEnd[] = ".3";

// Databases of node 3, whose daemon would have them open as `daemon_`.
class LastClientsTest : public testing::Test {
 protected:
  LastClientsTest() { daemon_ = MustOpen(Named("one.tdb.3", OpenMode::kCreate)); }

  StoreOptions Named(const std::string& name, OpenMode mode) const {
    StoreOptions options = directory_.Options(mode);
    options.name = name;
    return options;
  }
  static void GiveLease(NativeStore& store) {
    store.SetServeUntil(BootTimeNanoseconds() + int64_t{3600} * 1'000'000'000);
  }
  absl::Status Stop(absl::Duration limit) {
    return StopClients(directory_.path(), kEnd, absl::Now() + limit);
  }
  // A client that has a record locked until it is told otherwise, or killed.
  pid_t StartHolder() {
    is_held_ = false;
    const pid_t client = Fork([this] {
      const auto store = MustOpen(Named("one.tdb.3", OpenMode::kExisting));
      const auto record = store->Lock("key", {.wait = absl::Seconds(1), .need_lease = true});
      is_held_ = record.ok();
      while (!may_end_) ::usleep(100);
    });
    EXPECT_TRUE(WaitUntil([this] { return is_held_.load(); }));
    return client;
  }

  TestDirectory directory_;
  std::unique_ptr<NativeStore> daemon_;
  std::atomic<bool>& is_held_ = SharedWithChildren<std::atomic<bool>>();
  std::atomic<bool>& may_end_ = SharedWithChildren<std::atomic<bool>>();
};

TEST_F(LastClientsTest, ThereMayBeNoDatabases) {
  TestDirectory empty;
  EXPECT_EQ(StopClients(empty.path(), kEnd, absl::Now()), absl::OkStatus());
  EXPECT_EQ(StopClients(empty.path() + "/nowhere", kEnd, absl::Now()), absl::OkStatus());
}

TEST_F(LastClientsTest, LeasesOfThatNodesDatabasesAreTakenBackAndNoOthers) {
  const auto other = MustOpen(Named("one.tdb.13", OpenMode::kCreate));
  const auto second = MustOpen(Named("two.tdb.3", OpenMode::kCreate));
  for (NativeStore* store : {daemon_.get(), other.get(), second.get()}) GiveLease(*store);
  EXPECT_EQ(Stop(absl::ZeroDuration()), absl::OkStatus());
  EXPECT_FALSE(daemon_->HasLease());
  EXPECT_FALSE(second->HasLease());
  EXPECT_TRUE(other->HasLease());
}

TEST_F(LastClientsTest, WhoeverHoldsARecordForTooLongIsNamed) {
  GiveLease(*daemon_);
  const pid_t holder = StartHolder();
  const absl::Status status = Stop(absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("process ", holder))) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "one.tdb.3")) << status;
  may_end_ = true;
  WaitForEnd(holder);
}

TEST_F(LastClientsTest, WhoeverHoldsARecordIsWaitedFor) {
  GiveLease(*daemon_);
  const pid_t holder = StartHolder();
  std::thread release([this] {
    EXPECT_TRUE(WaitUntil([this] { return !daemon_->HasLease(); }));
    may_end_ = true;
  });
  EXPECT_EQ(Stop(absl::Minutes(1)), absl::OkStatus());
  EXPECT_TRUE(may_end_);
  release.join();
  WaitForEnd(holder);
}

TEST_F(LastClientsTest, WhoeverWasKilledWithARecordIsNotWaitedFor) {
  GiveLease(*daemon_);
  const pid_t holder = StartHolder();
  ::kill(holder, SIGKILL);
  WaitForEnd(holder);
  EXPECT_EQ(Stop(absl::ZeroDuration()), absl::OkStatus());
}

// The clients of a daemon that is killed while they work at full speed: what they were told is
// there when StopClients() returns, and nothing comes later.
TEST_F(LastClientsTest, NothingIsWrittenAfterwards) {
  struct Shared {
    std::atomic<bool> is_over = false;
    std::atomic<uint64_t> writes = 0;
  };
  for (int round = 0; round < 20; ++round) {
    GiveLease(*daemon_);
    Shared& shared = SharedWithChildren<Shared>();
    const auto write = [&] {
      const auto store = MustOpen(Named("one.tdb.3", OpenMode::kExisting));
      for (uint64_t i = 0; !shared.is_over; ++i) {
        auto record = store->Lock("key", {.wait = absl::Seconds(1), .need_lease = true});
        if (!record.ok()) continue;
        RecordHeader header = record->header();
        ++header.counter;
        if (record->Store(header, "value").ok()) ++shared.writes;
      }
    };
    const pid_t clients[] = {Fork(write), Fork(write)};
    const uint64_t begun = shared.writes + 200;
    EXPECT_TRUE(WaitUntil([&] { return shared.writes > begun; }));
    ASSERT_EQ(Stop(absl::Minutes(1)), absl::OkStatus());
    RecordCopy copy;
    ASSERT_TRUE(*daemon_->Read("key", copy));
    const uint64_t counter = copy.header.counter;
    ::usleep(2000);
    ASSERT_TRUE(*daemon_->Read("key", copy));
    EXPECT_EQ(copy.header.counter, counter);
    shared.is_over = true;
    for (const pid_t client : clients) WaitForEnd(client);
    ASSERT_TRUE(*daemon_->Read("key", copy));
    EXPECT_EQ(copy.header.counter, counter);
  }
}

}  // namespace
}  // namespace ctdb::store
