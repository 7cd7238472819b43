// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// current_store: the file of a database that is in use now. A database service that was started
// again has another one; what a thread still does with the old one it does to its end. The old one
// is closed when the next one comes and nobody is in any.
//
// To have the store costs one atomic addition on a cache line that few other threads use.
//
//   Ownership:  owns the stores. A PinnedStore refers to its CurrentStore, which outlives it.
//   Threading:  thread-safe; a PinnedStore belongs to one thread at a time.
//   Errors:     none.
//   Blocking:   never, but for closing files in Replace().
//   Limits:     none.
//
// Example:
//   current.Replace(std::move(store));
//   const PinnedStore store = current.Pin();
//   store->Lock(key, {});

#ifndef LIB_CLIENT_CURRENT_STORE_H_
#define LIB_CLIENT_CURRENT_STORE_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "lib/store/io/native_store.h"

namespace ctdb {

class PinnedStore {
 public:
  PinnedStore() = default;
  PinnedStore(PinnedStore&& other) noexcept
      : users_(std::exchange(other.users_, nullptr)), store_(other.store_) {}
  PinnedStore& operator=(PinnedStore&& other) noexcept {
    Release();
    users_ = std::exchange(other.users_, nullptr);
    store_ = other.store_;
    return *this;
  }
  ~PinnedStore() { Release(); }

  store::NativeStore* get() const { return store_; }
  store::NativeStore* operator->() const { return store_; }
  store::NativeStore& operator*() const { return *store_; }

  void Release() {
    if (users_ != nullptr) std::exchange(users_, nullptr)->fetch_sub(1, std::memory_order_release);
  }

 private:
  friend class CurrentStore;

  std::atomic<uint32_t>* users_ = nullptr;  // Null: released.
  store::NativeStore* store_ = nullptr;
};

class CurrentStore {
 public:
  CurrentStore() = default;
  CurrentStore(const CurrentStore&) = delete;
  CurrentStore& operator=(const CurrentStore&) = delete;

  // After the first Replace().
  PinnedStore Pin() const {
    static std::atomic<uint32_t> threads{0};
    thread_local const uint32_t thread = threads.fetch_add(1, std::memory_order_relaxed);
    PinnedStore pinned;
    pinned.users_ = &users_[thread % kShards].count;
    // Before the store is looked at: who replaces it afterwards sees that somebody may have it.
    pinned.users_->fetch_add(1, std::memory_order_seq_cst);
    pinned.store_ = current_.load(std::memory_order_seq_cst);
    return pinned;
  }

  void Replace(std::unique_ptr<store::NativeStore> store) {
    const std::lock_guard<std::mutex> lock(mutex_);
    current_.store(store.get(), std::memory_order_seq_cst);
    stores_.push_back(std::move(store));
    // A thread that has an older one pinned it before, and each thread keeps to its shard.
    const bool is_used = std::any_of(users_.begin(), users_.end(), [](const Users& users) {
      return users.count.load(std::memory_order_seq_cst) != 0;
    });
    if (!is_used) stores_.erase(stores_.begin(), stores_.end() - 1);
  }

 private:
  static constexpr size_t kShards = 8;
  struct alignas(64) Users {
    std::atomic<uint32_t> count{0};
  };

  mutable std::array<Users, kShards> users_;
  std::atomic<store::NativeStore*> current_{nullptr};
  std::mutex mutex_;  // Of the next one, and who replaces it.
  std::vector<std::unique_ptr<store::NativeStore>> stores_;
};

}  // namespace ctdb

#endif  // LIB_CLIENT_CURRENT_STORE_H_
