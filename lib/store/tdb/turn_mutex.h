// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// turn_mutex: a mutex that is waited for up to a time, as std::timed_mutex, which ThreadSanitizer
// does not understand (GCC 12: pthread_mutex_clocklock).
//
//   Ownership:  values; neither copied nor moved.
//   Threading:  thread-safe.
//   Errors:     none.
//   Blocking:   lock() without limit, try_lock_for() as long as it is told.
//   Limits:     none.
//
// Example:
//   std::unique_lock<TurnMutex> lock(mutex, std::defer_lock);
//   if (!lock.try_lock_for(std::chrono::milliseconds(1))) return Busy();

#ifndef LIB_STORE_TDB_TURN_MUTEX_H_
#define LIB_STORE_TDB_TURN_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace ctdb::store {

class TurnMutex {
 public:
  void lock() {
    std::unique_lock inner(inner_);
    is_free_.wait(inner, [this] { return !is_taken_; });
    is_taken_ = true;
  }
  template <typename Rep, typename Period>
  bool try_lock_for(const std::chrono::duration<Rep, Period>& wait) {
    std::unique_lock inner(inner_);
    if (!is_free_.wait_for(inner, wait, [this] { return !is_taken_; })) return false;
    is_taken_ = true;
    return true;
  }
  void unlock() {
    {
      const std::lock_guard inner(inner_);
      is_taken_ = false;
    }
    is_free_.notify_one();
  }

 private:
  std::mutex inner_;
  std::condition_variable is_free_;
  bool is_taken_ = false;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_TDB_TURN_MUTEX_H_
