// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// sweep_pace: how much work directories do that nobody waits for, and when. All databases of a node
// share one pace, as they share a thread, which may be an urgent one: whoever has the most records
// does not keep it from what others wait for.
//
//   Ownership:  shared by directories.
//   Threading:  not thread-safe; nor are directories that share it.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     Options::records in each Options::pause: 5 % of a thread's time.
//
// Example:
//   if (pace.TakeTurn(now)) DoSome(pace.records());
//   at = pace.next();

#ifndef LIB_DATABASE_SWEEP_PACE_H_
#define LIB_DATABASE_SWEEP_PACE_H_

#include <cstddef>

#include "absl/time/time.h"
#include "lib/base/instant.h"

namespace ctdb::database {

class SweepPace {
 public:
  struct Options {
    size_t records = 250;  // At a time: so many take 50 us.
    absl::Duration pause = absl::Milliseconds(1);
  };

  SweepPace() = default;
  explicit SweepPace(const Options& options) : options_(options) {}

  // False: not before next().
  bool TakeTurn(Instant now) {
    if (now < next_) return false;
    next_ = After(now, options_.pause);
    return true;
  }
  size_t records() const { return options_.records; }
  Instant next() const { return next_; }

 private:
  Options options_;
  Instant next_ = Instant::min();
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_SWEEP_PACE_H_
