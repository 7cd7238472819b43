// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lease_ticks: the processor's own count of time, which costs a third of a clock. A lease is looked
// at three times for each change of a record, so it is told in ticks as well where they are as good
// as the clock: where the kernel itself takes the time from them. Elsewhere the clock is asked
// (docs/decisions/0020-leases-in-ticks.md).
//
//   Ownership:  none.
//   Threading:  thread-safe.
//   Errors:     none; without such a count the answer is 0, or false.
//   Blocking:   TicksAt() reads a file of the kernel's once in a second.
//   Limits:     those of lib/store/tick_calibration.h. x86-64 only.
//
// Example:
//   deadline.store(TicksAt(BootTimeNanoseconds() + lease_nanoseconds));
//   if (AreTicksBefore(deadline.load())) ...

#ifndef LIB_STORE_IO_LEASE_TICKS_H_
#define LIB_STORE_IO_LEASE_TICKS_H_

#include <cstdint>

#include "lib/base/io/boot_time.h"
#include "lib/store/tick_calibration.h"

namespace ctdb::store {

// The processor's count; 0 where there is none of use.
inline uint64_t ReadTicks() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return 0;
#endif
}

// The ticks at this time of CLOCK_BOOTTIME or a little before it. 0: they cannot be trusted, or
// not yet: calls some milliseconds apart find out.
uint64_t TicksAt(int64_t boottime_ns);

inline bool AreTicksBefore(uint64_t deadline) { return IsBefore(ReadTicks(), deadline); }

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_LEASE_TICKS_H_
