// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/io/lock_pool.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::database {

// A lock with the thread that got it and waits to be told to let go of it.
class LockPool::Parked {
 public:
  explicit Parked(store::LockedRecord record) : record_(std::move(record)) {}

  store::LockedRecord& record() { return record_; }
  void Release() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_over_ = true;
    changed_.notify_one();
  }
  // On the thread that locked the record.
  void WaitAndUnlock() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return is_over_; });
    record_.Unlock();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  store::LockedRecord record_;
};

LockPool::HeldLock::~HeldLock() {
  if (parked_ != nullptr) parked_->Release();
}

store::LockedRecord& LockPool::HeldLock::record() const { return parked_->record(); }

LockPool::LockPool(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

LockPool::~LockPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
    queue_.clear();
  }
  has_work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

kj::Promise<absl::StatusOr<LockPool::HeldLock>> LockPool::Lock(
    std::shared_ptr<store::RecordStore> store, std::string key, absl::Duration wait) {
  auto pair = kj::newPromiseAndCrossThreadFulfiller<absl::StatusOr<HeldLock>>();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.size() >= kQueueMax) {
      return absl::StatusOr<HeldLock>(absl::ResourceExhaustedError(
          absl::StrCat("more than ", kQueueMax, " record locks are waited for")));
    }
    queue_.push_back({std::move(store), std::move(key), wait, kj::mv(pair.fulfiller)});
  }
  has_work_.notify_one();
  return kj::mv(pair.promise);
}

void LockPool::Loop() {
  for (;;) {
    std::unique_lock<std::mutex> lock(mutex_);
    has_work_.wait(lock, [this] { return is_ending_ || !queue_.empty(); });
    if (is_ending_) return;
    Wanted wanted = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    Serve(std::move(wanted));
  }
}

void LockPool::Serve(Wanted wanted) {
  absl::StatusOr<store::LockedRecord> record =
      wanted.store->Lock(wanted.key, {.wait = wanted.wait});
  if (!record.ok()) return wanted.fulfiller->fulfill(record.status());
  const auto parked = std::make_shared<Parked>(*std::move(record));
  // Whoever does not take it lets go of it.
  wanted.fulfiller->fulfill(HeldLock(parked));
  parked->WaitAndUnlock();
}

}  // namespace ctdb::database
