// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/realtime.h"

#include <errno.h>
#include <sched.h>

#include "lib/base/io/file.h"

namespace ctdb {

absl::Status UseRealtimeScheduling() {
  sched_param parameters{};
  parameters.sched_priority = ::sched_get_priority_min(SCHED_RR);
  if (::sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &parameters) == 0) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno, "use real-time scheduling for", "this thread");
}

}  // namespace ctdb
