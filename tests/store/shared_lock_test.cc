// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/shared_lock.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

struct Shared {
  SharedLock lock;
  std::atomic<int> step;
};

TEST(SharedLockTest, DeadHolderIsToldToTheNextUntilItIsRepaired) {
  Shared& shared = SharedWithChildren<Shared>();
  ASSERT_TRUE(InitializeLock(shared.lock).ok());
  EXPECT_EQ(WaitForEnd(Fork([&] { (void)TryAcquire(shared.lock, 1); })), 0);
  // A repair that dies is told again.
  EXPECT_EQ(WaitForEnd(Fork([&] {
              if (TryAcquire(shared.lock, 1) != TryResult::kOwnerDied) ::_exit(1);
            })),
            0);
  absl::StatusOr<bool> died = Acquire(shared.lock, 1, absl::ZeroDuration(), "it");
  ASSERT_TRUE(died.ok());
  EXPECT_TRUE(*died);
  MarkRepaired(shared.lock);
  Release(shared.lock);
  died = Acquire(shared.lock, 1, absl::ZeroDuration(), "it");
  ASSERT_TRUE(died.ok());
  EXPECT_FALSE(*died);
  Release(shared.lock);
}

TEST(SharedLockTest, HolderThatHangsIsNamedWhenTheTimeIsOver) {
  Shared& shared = SharedWithChildren<Shared>();
  ASSERT_TRUE(InitializeLock(shared.lock).ok());
  const pid_t child = Fork([&] {
    (void)TryAcquire(shared.lock, static_cast<uint32_t>(::getpid()));
    shared.step = 1;
    while (true) ::pause();
  });
  ASSERT_TRUE(WaitUntil([&] { return shared.step == 1; }));
  EXPECT_EQ(TryAcquire(shared.lock, 1), TryResult::kBusy);
  const absl::Time begin = absl::Now();
  const absl::Status status =
      Acquire(shared.lock, 1, absl::Milliseconds(50), "the record").status();
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(50));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), absl::StrCat("process ", child))) << status;
  ::kill(child, SIGKILL);
  WaitForEnd(child);
  EXPECT_TRUE(*Acquire(shared.lock, 1, absl::Seconds(10), "the record"));
  MarkRepaired(shared.lock);
  Release(shared.lock);
}

TEST(SharedLockTest, ThreadThatHoldsItAlreadyIsToldSo) {
  Shared& shared = SharedWithChildren<Shared>();
  ASSERT_TRUE(InitializeLock(shared.lock).ok());
  ASSERT_EQ(TryAcquire(shared.lock, 1), TryResult::kLocked);
  const absl::Status status = Acquire(shared.lock, 1, absl::Seconds(10), "it").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  Release(shared.lock);
}

}  // namespace
}  // namespace ctdb::store
