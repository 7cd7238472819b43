// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// shared_lock: a lock in shared memory that outlives its holders. When a process dies with it, the
// next one gets it and is told, repairs what the lock protects, and goes on.
//
//   Ownership:  the lock lies in a mapping that outlives all use of it.
//   Threading:  thread- and process-safe; unlocked by the thread that locked it.
//   Errors:     DeadlineExceeded with the holder's process id; FailedPrecondition when this thread
//               holds it; Internal when the bytes are no lock.
//   Blocking:   at most `wait`.
//   Limits:     a thread holds at most 2048 at once, as Linux repairs no more.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(bool died, Acquire(lock, pid, wait, "the pool"));
//   if (died) Repair();   // And only then:
//   if (died) MarkRepaired(lock);
//   ...
//   Release(lock);

#ifndef LIB_STORE_IO_SHARED_LOCK_H_
#define LIB_STORE_IO_SHARED_LOCK_H_

#include <pthread.h>

#include <cerrno>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/store/io/layout.h"

namespace ctdb::store {

// Once, before others can see it.
absl::Status InitializeLock(SharedLock& lock);

// True when the former holder died. A repair that dies in turn is told to the next one again.
absl::StatusOr<bool> Acquire(SharedLock& lock, uint32_t pid, absl::Duration wait,
                             absl::string_view what);

// What the holder does next comes after that for whoever makes all processors take a barrier
// (last_clients.h).
inline void SetHolder(SharedLock& lock, uint32_t pid) {
  lock.holder.store(pid, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

enum class TryResult { kLocked, kOwnerDied, kBusy };
inline TryResult TryAcquire(SharedLock& lock, uint32_t pid) {
  const int result = ::pthread_mutex_trylock(&lock.mutex);
  if (result != 0 && result != EOWNERDEAD) return TryResult::kBusy;
  SetHolder(lock, pid);
  return result == 0 ? TryResult::kLocked : TryResult::kOwnerDied;
}

void MarkRepaired(SharedLock& lock);
inline void Release(SharedLock& lock) {
  lock.holder.store(0, std::memory_order_release);
  ::pthread_mutex_unlock(&lock.mutex);
}

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_SHARED_LOCK_H_
