// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// time_limit: until when something may take, on a clock that nobody sets.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   WaitUntil(), until the condition variable is notified or the limit.
//   Limits:     a year; what is longer is a year.
//
// Example:
//   const TimeLimit limit = LimitIn(absl::Seconds(2));
//   while (!is_done && !IsOver(limit)) WaitUntil(changed, lock, limit);

#ifndef LIB_CLIENT_TIME_LIMIT_H_
#define LIB_CLIENT_TIME_LIMIT_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/time/time.h"

namespace ctdb {

using TimeLimit = std::chrono::steady_clock::time_point;

inline TimeLimit LimitIn(absl::Duration patience) {
  return std::chrono::steady_clock::now() +
         absl::ToChronoNanoseconds(
             std::clamp(patience, absl::ZeroDuration(), absl::Hours(24 * 365)));
}

// Not below zero.
inline absl::Duration Left(TimeLimit limit) {
  return std::max(absl::FromChrono(limit - std::chrono::steady_clock::now()), absl::ZeroDuration());
}

inline bool IsOver(TimeLimit limit) { return std::chrono::steady_clock::now() >= limit; }

inline void WaitUntil(std::condition_variable& condition, std::unique_lock<std::mutex>& lock,
                      TimeLimit limit) {
#if defined(__SANITIZE_THREAD__)
  // ThreadSanitizer of GCC 12 knows only this way to wait.
  condition.wait_until(
      lock, std::chrono::system_clock::now() + (limit - std::chrono::steady_clock::now()));
#else
  condition.wait_until(lock, limit);
#endif
}

}  // namespace ctdb

#endif  // LIB_CLIENT_TIME_LIMIT_H_
