// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_fence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/store/io/lease_ticks.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

using testing::ElementsAre;

int64_t In(absl::Duration duration) {
  return BootTimeNanoseconds() + absl::ToInt64Nanoseconds(duration);
}

// Writes down what happens to it.
class NotedFile final : public TdbFence::File {
 public:
  absl::Status Freeze(const std::function<void(int64_t)>& on_wait) override {
    if (holder != 0) on_wait(holder);
    frozen_at = BootTimeNanoseconds();
    Note("freeze");
    return absl::OkStatus();
  }
  bool Thaw(const std::function<bool()>& may) override {
    if (before_thaw) before_thaw();
    if (!may()) {
      Note("no thaw");
      return false;
    }
    Note("thaw");
    return true;
  }
  absl::Status Disown(Epoch owned_since) override {
    Note(absl::StrCat("disown ", owned_since.value()));
    const std::lock_guard lock(mutex_);
    if (failures == 0) return absl::OkStatus();
    --failures;
    return absl::ResourceExhaustedError("full");
  }
  std::vector<std::string> Notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

  int64_t holder = 0;
  std::atomic<int64_t> frozen_at = 0;
  int failures = 0;
  std::function<void()> before_thaw;

 private:
  void Note(std::string what) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(what));
  }
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

class TdbFenceTest : public testing::Test {
 protected:
  void Begin(absl::Duration margin = absl::Milliseconds(150)) {
    fence_.emplace(TdbFence::Options{.path = "locking.tdb.0",
                                     .margin = margin,
                                     .boottime_ns = BootTimeNanoseconds,
                                     .report =
                                         [this](const absl::Status& status) {
                                           const std::lock_guard lock(mutex_);
                                           reports_.push_back(std::string(status.message()));
                                         }},
                   file_);
  }
  bool Awaited(bool is_frozen) {
    return WaitUntil([&] { return fence_->IsFrozen() == is_frozen; });
  }
  std::vector<std::string> Reports() {
    const std::lock_guard lock(mutex_);
    return reports_;
  }

  NotedFile file_;
  std::mutex mutex_;
  std::vector<std::string> reports_;
  std::optional<TdbFence> fence_;
};

TEST_F(TdbFenceTest, ANewFileIsFrozenUntilThereIsALease_RCV6) {
  Begin();
  EXPECT_TRUE(fence_->IsFrozen());
  fence_->SetServeUntil(In(absl::Hours(1)));
  EXPECT_TRUE(Awaited(false));
  EXPECT_THAT(file_.Notes(), ElementsAre("freeze", "thaw"));
}

// On a busy machine a thread like any other may come too late.
TEST_F(TdbFenceTest, TheThreadIsMadeUrgentBeforeItDoesAnything_RCV6) {
  std::thread::id urgent;
  fence_.emplace(TdbFence::Options{.path = "locking.tdb.0",
                                   .boottime_ns = BootTimeNanoseconds,
                                   .report = [](const absl::Status&) {},
                                   .at_start =
                                       [&] {
                                         EXPECT_THAT(file_.Notes(), testing::IsEmpty());
                                         urgent = std::this_thread::get_id();
                                       }},
                 file_);
  EXPECT_TRUE(fence_->IsFrozen());
  EXPECT_NE(urgent, std::thread::id());
  EXPECT_NE(urgent, std::this_thread::get_id());
}

// Between the look at the clock and the moment at which clients go on a busy machine may do other
// things for as long as it likes, and other nodes may have the records by then.
TEST_F(TdbFenceTest, ALeaseThatPassesWhileTheFileIsBeingThawedLetsNobodyIn_RCV6) {
  std::atomic<int64_t> now = 0;
  std::atomic<bool> is_late = true;
  file_.before_thaw = [&] {
    if (is_late.exchange(false)) now = absl::ToInt64Nanoseconds(absl::Seconds(2));
  };
  fence_.emplace(TdbFence::Options{.path = "locking.tdb.0",
                                   .margin = absl::Milliseconds(1),
                                   .boottime_ns = [&] { return now.load(); },
                                   .report = [](const absl::Status&) {}},
                 file_);
  fence_->SetServeUntil(absl::ToInt64Nanoseconds(absl::Seconds(1)));
  ASSERT_TRUE(WaitUntil([&] { return file_.Notes().size() == 2; }));
  EXPECT_THAT(file_.Notes(), ElementsAre("freeze", "no thaw"));
  EXPECT_TRUE(fence_->IsFrozen());
  fence_->SetServeUntil(absl::ToInt64Nanoseconds(absl::Seconds(3)));
  EXPECT_TRUE(Awaited(false));
  EXPECT_THAT(file_.Notes(), ElementsAre("freeze", "no thaw", "thaw"));
}

TEST_F(TdbFenceTest, AFileThatIsLockedTooLateIsReported_RCV6) {
  std::atomic<int64_t> now = 0;
  fence_.emplace(TdbFence::Options{.path = "locking.tdb.0",
                                   .margin = absl::Milliseconds(1),
                                   .boottime_ns = [&] { return now.load(); },
                                   .report =
                                       [this](const absl::Status& status) {
                                         const std::lock_guard lock(mutex_);
                                         reports_.push_back(std::string(status.message()));
                                       }},
                 file_);
  fence_->SetServeUntil(absl::ToInt64Nanoseconds(absl::Milliseconds(5)));
  ASSERT_TRUE(Awaited(false));
  now = absl::ToInt64Nanoseconds(absl::Milliseconds(45));
  ASSERT_TRUE(WaitUntil([&] { return Reports().size() == 1; }));
  EXPECT_THAT(Reports()[0], testing::HasSubstr("40ms later than this node might serve"));
  EXPECT_TRUE(Awaited(true));
}

TEST_F(TdbFenceTest, ItIsFrozenBeforeTheLeaseHasPassed_RCV6) {
  Begin(absl::Milliseconds(100));
  const int64_t until = In(absl::Milliseconds(400));
  fence_->SetServeUntil(until);
  ASSERT_TRUE(Awaited(false));
  ASSERT_TRUE(Awaited(true));
  EXPECT_GE(file_.frozen_at, until - absl::ToInt64Nanoseconds(absl::Milliseconds(100)));
}

TEST_F(TdbFenceTest, ALeaseThatIsProlongedInTimeFreezesNothing) {
  Begin(absl::Milliseconds(1));
  fence_->SetServeUntil(In(absl::Seconds(60)));
  ASSERT_TRUE(Awaited(false));
  for (int i = 0; i < 100; ++i) fence_->SetServeUntil(In(absl::Seconds(60)));
  EXPECT_THAT(file_.Notes(), ElementsAre("freeze", "thaw"));
}

TEST_F(TdbFenceTest, ALeaseThatIsTakenBackFreezesAtOnce) {
  Begin();
  fence_->SetServeUntil(In(absl::Hours(1)));
  ASSERT_TRUE(Awaited(false));
  fence_->SetServeUntil(0);
  EXPECT_TRUE(Awaited(true));
}

TEST_F(TdbFenceTest, WhatIsOlderIsDisownedBeforeClientsGoOn_CALL12) {
  Begin();
  fence_->SetOwnedSince(Epoch(7));
  fence_->SetServeUntil(In(absl::Hours(1)));
  ASSERT_TRUE(Awaited(false));
  EXPECT_THAT(file_.Notes(), ElementsAre("freeze", "disown 7", "thaw"));
}

// The node was away and is back before anybody has noticed that its lease had passed.
TEST_F(TdbFenceTest, ALaterMembershipFreezesAlthoughThereIsALease_CALL12) {
  Begin();
  fence_->SetOwnedSince(Epoch(7));
  fence_->SetServeUntil(In(absl::Hours(1)));
  ASSERT_TRUE(Awaited(false));
  fence_->SetOwnedSince(Epoch(9));
  EXPECT_TRUE(WaitUntil([&] { return file_.Notes().size() == 6; }));
  EXPECT_THAT(file_.Notes(),
              ElementsAre("freeze", "disown 7", "thaw", "freeze", "disown 9", "thaw"));
}

TEST_F(TdbFenceTest, WhatCannotBeDisownedKeepsClientsWaitingAndIsTriedAgain) {
  file_.failures = 1;
  Begin();
  fence_->SetOwnedSince(Epoch(7));
  fence_->SetServeUntil(In(absl::Hours(1)));
  ASSERT_TRUE(Awaited(false));
  EXPECT_THAT(file_.Notes(), ElementsAre("freeze", "disown 7", "disown 7", "thaw"));
  EXPECT_THAT(Reports(), ElementsAre("full"));
}

TEST_F(TdbFenceTest, WhoKeepsTheFileFromBeingLockedIsNamed) {
  file_.holder = 4711;
  Begin();
  EXPECT_TRUE(WaitUntil([&] { return Reports().size() == 2; }));
  EXPECT_THAT(Reports()[0], testing::HasSubstr("4711"));
  EXPECT_THAT(Reports()[0], testing::HasSubstr("locking.tdb.0"));
}

}  // namespace
}  // namespace ctdb::store
