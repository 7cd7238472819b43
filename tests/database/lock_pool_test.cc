// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/io/lock_pool.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>

#include <future>
#include <optional>
#include <string>

#include "lib/store/io/native_store.h"

namespace ctdb::database {
namespace {

class LockPoolTest : public testing::Test {
 protected:
  LockPoolTest() : io_(kj::setupAsyncIo()) {
    auto store = store::NativeStore::Open({.directory = testing::TempDir(),
                                           .name = "lock_pool_test",
                                           .mode = store::OpenMode::kReplace});
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  ~LockPoolTest() noexcept override = default;

  absl::StatusOr<LockPool::HeldLock> Lock(LockPool& pool, const std::string& key,
                                          absl::Duration wait) {
    return pool.Lock(store_, key, wait).wait(io_.waitScope);
  }

  kj::AsyncIoContext io_;
  std::shared_ptr<store::RecordStore> store_;
};

TEST_F(LockPoolTest, TheLoopChangesARecordWhoseLockAHelperHolds) {
  LockPool pool(1);
  {
    auto held = Lock(pool, "key", absl::Seconds(5));
    ASSERT_TRUE(held.ok()) << held.status();
    EXPECT_FALSE(held->record().exists());
    EXPECT_TRUE(held->record().Store(store::RecordHeader(), "value").ok());
    EXPECT_TRUE(absl::IsDeadlineExceeded(store_->Lock("key", {}).status())) << "it is held";
  }
  const auto record = store_->Lock("key", {.wait = absl::Seconds(5)});
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->value(), "value");
}

TEST_F(LockPoolTest, ALockThatDoesNotComeInTimeIsAnError) {
  LockPool pool(1);
  const auto mine = store_->Lock("key", {});
  ASSERT_TRUE(mine.ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(Lock(pool, "key", absl::Milliseconds(10)).status()));
}

TEST_F(LockPoolTest, WhoeverWaitsGetsTheLockWhenItIsFree) {
  LockPool pool(2);
  std::optional<store::LockedRecord> mine = *store_->Lock("key", {});
  auto waiting = pool.Lock(store_, "key", absl::Seconds(5));
  // Another key is not held up.
  EXPECT_TRUE(Lock(pool, "another key", absl::Seconds(5)).ok());
  mine.reset();
  EXPECT_TRUE(waiting.wait(io_.waitScope).ok());
}

TEST_F(LockPoolTest, ALockThatNobodyTakesAnyMoreIsLetGo) {
  LockPool pool(1);
  { auto forgotten = pool.Lock(store_, "key", absl::Seconds(5)); }
  EXPECT_TRUE(store_->Lock("key", {.wait = absl::Seconds(5)}).ok());
}

}  // namespace
}  // namespace ctdb::database
