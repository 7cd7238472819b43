// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_pool: helper threads that wait for record locks which an event loop could not have at once.
// The thread that got a lock keeps it while the loop decides, and lets go of it when the loop does.
//
//   Ownership:  the pool shares the stores; a HeldLock must not outlive the pool.
//   Threading:  Lock() on the event loop whose promise it returns. The loop looks into and changes
//               the record while the thread that holds its lock waits.
//   Errors:     those of RecordStore::Lock(); ResourceExhausted when kQueueMax locks wait.
//   Blocking:   the destructor waits for the waits under way.
//   Limits:     `threads` locks at a time, kQueueMax more.
//
// Example:
//   pool.Lock(store, key, absl::Seconds(1)).then([](absl::StatusOr<HeldLock> lock) { ... });

#ifndef LIB_DATABASE_IO_LOCK_POOL_H_
#define LIB_DATABASE_IO_LOCK_POOL_H_

#include <kj/async.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/store/record_store.h"

namespace ctdb::database {

class LockPool {
  class Parked;

 public:
  static constexpr size_t kQueueMax = 100'000;

  // Gone: the lock is let go of, soon.
  class HeldLock {
   public:
    explicit HeldLock(std::shared_ptr<Parked> parked) : parked_(std::move(parked)) {}
    HeldLock(HeldLock&&) = default;
    HeldLock& operator=(HeldLock&&) = delete;
    ~HeldLock();
    // Not to be unlocked here.
    store::LockedRecord& record() const;

   private:
    std::shared_ptr<Parked> parked_;
  };

  explicit LockPool(size_t threads);
  ~LockPool();
  LockPool(const LockPool&) = delete;
  LockPool& operator=(const LockPool&) = delete;

  kj::Promise<absl::StatusOr<HeldLock>> Lock(std::shared_ptr<store::RecordStore> store,
                                             std::string key, absl::Duration wait);

 private:
  struct Wanted {
    std::shared_ptr<store::RecordStore> store;
    std::string key;
    absl::Duration wait;
    kj::Own<kj::CrossThreadPromiseFulfiller<absl::StatusOr<HeldLock>>> fulfiller;
  };

  void Loop();
  static void Serve(Wanted wanted);

  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<Wanted> queue_;
  bool is_ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_IO_LOCK_POOL_H_
