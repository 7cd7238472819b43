// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// clock: the monotonic clock of one host. It began at another moment than the others and runs a
// little faster or slower.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     drift below 10 %, some months of virtual time.
//
// Example:
//   Clock clock{absl::Hours(3), 200};  // Began three hours earlier, 200 us per second too fast.
//   engine.OnTick(clock.Local(world.now()));

#ifndef LIB_SIM_CLOCK_H_
#define LIB_SIM_CLOCK_H_

#include <cstdint>

#include "absl/time/time.h"
#include "lib/base/instant.h"

namespace ctdb::sim {

struct Clock {
  absl::Duration offset;
  int64_t drift_ppm = 0;

  Instant Local(Instant world) const {
    const int64_t time = world.time_since_epoch().count();
    return Instant(CoreClock::duration(time + time / kMillion * drift_ppm +
                                       time % kMillion * drift_ppm / kMillion)) +
           ToChrono(offset);
  }
  // The first moment at which the clock shows `local` or more.
  Instant World(Instant local) const {
    if (local == kNever || local == Instant::min()) return local;
    const int64_t time = (local - ToChrono(offset)).time_since_epoch().count();
    Instant world(
        CoreClock::duration(time / (kMillion + drift_ppm) * kMillion +
                            time % (kMillion + drift_ppm) * kMillion / (kMillion + drift_ppm)));
    world -= CoreClock::duration(2);  // Divisions above round.
    while (Local(world) < local) world += CoreClock::duration(1);
    return world;
  }

 private:
  static constexpr int64_t kMillion = 1000000;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_CLOCK_H_
