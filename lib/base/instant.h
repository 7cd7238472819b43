// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// instant: a point in time that only a driver can produce.
//
// Cores get `Instant now` as an argument. The clock behind the type has no now(), so code that
// reads a clock inside a core does not compile. It is monotonic and has no relation to the wall
// clock.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     nanoseconds in 64 bits, about 292 years.
//
// Example:
//   Instant deadline = now + ToChrono(options.timeout);

#ifndef LIB_BASE_INSTANT_H_
#define LIB_BASE_INSTANT_H_

#include <chrono>
#include <cstdint>

#include "absl/time/time.h"

namespace ctdb {

struct CoreClock {  // Deliberately without now().
  using rep = int64_t;
  using period = std::nano;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<CoreClock, duration>;
  static constexpr bool is_steady = true;
};

using Instant = CoreClock::time_point;

// What "no deadline" looks like.
inline constexpr Instant kNever = Instant::max();

// Durations are absl::Duration in options and interfaces; Instant arithmetic wants chrono.
// An infinite or too large duration becomes the largest representable one.
inline CoreClock::duration ToChrono(absl::Duration duration) {
  return CoreClock::duration(absl::ToInt64Nanoseconds(duration));
}
inline absl::Duration ToAbsl(CoreClock::duration duration) {
  return absl::Nanoseconds(duration.count());
}

// `instant + duration`, without overflow: a sum beyond the end of time is kNever.
inline Instant After(Instant instant, absl::Duration duration) {
  CoreClock::duration step = ToChrono(duration);
  if (step > CoreClock::duration::zero() && instant > kNever - step) return kNever;
  return instant + step;
}

}  // namespace ctdb

#endif  // LIB_BASE_INSTANT_H_
