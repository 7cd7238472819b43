// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// vacuum_pace: when a node looks at the next part of a database for records to be forgotten. A look
// at all of it is a run of small steps. The more a run finds the sooner the next one begins.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     one step at a time.
//
// Example:
//   if (pace.next() <= now) { pace.OnBegun(); ... pace.OnStep(found, is_end, now); }

#ifndef LIB_DATABASE_VACUUM_PACE_H_
#define LIB_DATABASE_VACUUM_PACE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"
#include "lib/base/instant.h"

namespace ctdb::database {

class VacuumPace {
 public:
  struct Options {
    absl::Duration interval = absl::Seconds(10);    // Between runs that find something. Zero: none.
    absl::Duration pause = absl::Milliseconds(20);  // Between steps.
    size_t many = 1000;                             // Found in one run.
  };

  explicit VacuumPace(const Options& options) : options_(options) {}

  // `share`: anything; databases with different ones do not all begin at once (BUG-34).
  void Start(uint32_t share, Instant now) {
    if (next_ != kNever || is_started_ || options_.interval <= absl::ZeroDuration()) return;
    is_started_ = true;
    next_ = After(now, options_.interval * (1 + (share % 16) / 16.0));
  }
  Instant next() const { return next_; }
  void OnBegun() { next_ = kNever; }
  void OnStep(size_t found, bool is_end, Instant now) {
    found_ += found;
    if (!is_end) {
      next_ = After(now, options_.pause);
      return;
    }
    absl::Duration wait = options_.interval;
    if (found_ == 0) wait *= 2;
    if (found_ >= options_.many) wait = std::max(wait / 10, options_.pause);
    next_ = After(now, wait);
    found_ = 0;
  }

 private:
  const Options options_;
  bool is_started_ = false;
  Instant next_ = kNever;
  size_t found_ = 0;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_VACUUM_PACE_H_
