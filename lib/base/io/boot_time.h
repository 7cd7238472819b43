// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// boot_time: the host's clock for promises. It goes on while the host sleeps, and is the same for
// all processes.
//
//   Ownership:  none.
//   Threading:  thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   if (BootTimeNanoseconds() < serve_until) ...

#ifndef LIB_BASE_IO_BOOT_TIME_H_
#define LIB_BASE_IO_BOOT_TIME_H_

#include <time.h>

#include <cstdint>

#include "lib/base/instant.h"

namespace ctdb {

// CLOCK_BOOTTIME.
inline int64_t BootTimeNanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline Instant BootTime() { return Instant(std::chrono::nanoseconds(BootTimeNanoseconds())); }

}  // namespace ctdb

#endif  // LIB_BASE_IO_BOOT_TIME_H_
