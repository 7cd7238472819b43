// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// busy_period: whether a thread is woken so often just now that it matters how long each wake-up
// takes. It begins when `wakeups` fall into one `window`, and ends some time after the last such
// window, so that it does not begin and end with every pause of a conversation.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     constant state.
//
// Example:
//   if (busy.OnWakeup(now)) on_busy(busy.is_busy());
//   if (busy.OnDeadline(now)) on_busy(busy.is_busy());

#ifndef LIB_TRANSPORT_BUSY_PERIOD_H_
#define LIB_TRANSPORT_BUSY_PERIOD_H_

#include "absl/time/time.h"
#include "lib/base/instant.h"

namespace ctdb {

class BusyPeriod {
 public:
  struct Options {
    absl::Duration window = absl::Milliseconds(10);
    int wakeups = 20;  // Fewer: keepalives of a large cluster are traffic, too.
    absl::Duration linger = absl::Milliseconds(100);  // Ends between half of it and all of it.
  };

  BusyPeriod() = default;
  explicit BusyPeriod(const Options& options) : options_(options) {}

  // Whether is_busy() has changed.
  bool OnWakeup(Instant now);
  bool OnDeadline(Instant now);

  // Moves at most twice in `linger`, so that a timer need not be set for each wake-up.
  Instant NextDeadline() const { return ends_; }
  bool is_busy() const { return ends_ != kNever; }

 private:
  Options options_;
  Instant window_ends_ = Instant::min();
  int wakeups_ = 0;  // In this window.
  Instant ends_ = kNever;
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_BUSY_PERIOD_H_
