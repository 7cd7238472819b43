// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/busy_period.h"

namespace ctdb {

bool BusyPeriod::OnWakeup(Instant now) {
  if (now >= window_ends_) {
    window_ends_ = After(now, options_.window);
    wakeups_ = 0;
  }
  if (++wakeups_ < options_.wakeups) return false;
  const bool has_begun = !is_busy();
  if (!has_begun && After(now, options_.linger / 2) <= ends_) return false;
  ends_ = After(now, options_.linger);
  return has_begun;
}

bool BusyPeriod::OnDeadline(Instant now) {
  if (now < ends_) return false;
  ends_ = kNever;
  return true;
}

}  // namespace ctdb
