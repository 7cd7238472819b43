// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/shared_lock.h"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace ctdb::store {
namespace {

constexpr absl::Duration kWaitMax = absl::Hours(1);
constexpr int kSpins = 64;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

#if defined(__SANITIZE_THREAD__)
// ThreadSanitizer of GCC 12 misses that a lock with a deadline was got from a dead holder, and then
// takes its release for an error. So it is tried again and again.
int LockWithin(pthread_mutex_t& mutex, absl::Duration wait) {
  const absl::Time deadline = absl::Now() + wait;
  while (true) {
    const int result = ::pthread_mutex_trylock(&mutex);
    if (result != EBUSY) return result;
    if (absl::Now() >= deadline) return ETIMEDOUT;
    absl::SleepFor(absl::Microseconds(100));
  }
}
#else
int LockWithin(pthread_mutex_t& mutex, absl::Duration wait) {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const timespec deadline = absl::ToTimespec(absl::DurationFromTimespec(now) + wait);
  return ::pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &deadline);
}
#endif

absl::Status Failure(int error_number, const SharedLock& lock, absl::Duration wait,
                     absl::string_view what) {
  switch (error_number) {
    case ETIMEDOUT:
    case EBUSY:
      return absl::DeadlineExceededError(
          absl::StrCat("cannot lock ", what, " within ", absl::FormatDuration(wait),
                       ": held by process ", lock.holder.load(std::memory_order_relaxed)));
    case EDEADLK:
      return absl::FailedPreconditionError(absl::StrCat(
          "cannot lock ", what, ": this thread holds the lock already; unlock the other record"));
    default:
      return absl::InternalError(
          absl::StrCat("cannot lock ", what, ": ", std::generic_category().message(error_number)));
  }
}

}  // namespace

absl::Status InitializeLock(SharedLock& lock) {
  pthread_mutexattr_t attributes;
  ::pthread_mutexattr_init(&attributes);
  ::pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  ::pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  // A thread that locks twice gets an error instead of waiting for itself.
  ::pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
  const int result = ::pthread_mutex_init(&lock.mutex, &attributes);
  ::pthread_mutexattr_destroy(&attributes);
  lock.holder.store(0, std::memory_order_relaxed);
  lock.pools.store(0, std::memory_order_relaxed);
  if (result == 0) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("cannot make a shared lock: ", std::generic_category().message(result)));
}

absl::StatusOr<bool> Acquire(SharedLock& lock, uint32_t pid, absl::Duration wait,
                             absl::string_view what) {
  int result = ::pthread_mutex_trylock(&lock.mutex);
  // Most locks are held for less time than it takes to sleep and be woken.
  for (int i = 0; result == EBUSY && i < kSpins; ++i) {
    Pause();
    if (i % 8 == 7) result = ::pthread_mutex_trylock(&lock.mutex);
  }
  if (result == EBUSY && wait > absl::ZeroDuration()) {
    result = LockWithin(lock.mutex, std::min(wait, kWaitMax));
  }
  if (result != 0 && result != EOWNERDEAD) return Failure(result, lock, wait, what);
  SetHolder(lock, pid);
  return result == EOWNERDEAD;
}

void MarkRepaired(SharedLock& lock) { ::pthread_mutex_consistent(&lock.mutex); }

}  // namespace ctdb::store
