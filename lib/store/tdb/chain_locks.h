// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// chain_locks: which chains of a TDB file this process has locked, and which threads of it: libtdb
// lets a process lock what it has locked already.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     DeadlineExceeded: another thread has it. FailedPrecondition: this thread has it.
//   Blocking:   never.
//   Limits:     memory.
//
// Example:
//   CTDB_RETURN_IF_ERROR(locks.Add(chain, std::this_thread::get_id()));

#ifndef LIB_STORE_TDB_CHAIN_LOCKS_H_
#define LIB_STORE_TDB_CHAIN_LOCKS_H_

#include <cstdint>
#include <map>
#include <thread>

#include "absl/status/status.h"

namespace ctdb::store {

class ChainLocks {
 public:
  absl::Status Add(uint32_t chain, std::thread::id thread) {
    const auto [it, is_new] = holders_.emplace(chain, thread);
    if (is_new) return absl::OkStatus();
    if (it->second == thread) {
      return absl::FailedPreconditionError(
          "cannot lock the record: this thread has locked it, or one that shares its lock; unlock "
          "that first");
    }
    return absl::DeadlineExceededError(
        "cannot lock the record: another thread of this process holds the lock");
  }
  void Remove(uint32_t chain) { holders_.erase(chain); }
  bool is_empty() const { return holders_.empty(); }

 private:
  std::map<uint32_t, std::thread::id> holders_;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_TDB_CHAIN_LOCKS_H_
