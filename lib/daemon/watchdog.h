// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// watchdog: says whether every loop of a process still makes progress, and if not, which one is
// stuck and since when.
//
// A timer that tells the service manager "alive" proves only that the timer runs. Here each loop
// reports from inside itself (an idle one from a timer of its own), and the process counts as alive
// only while all of them do. After a pause of the whole process (stopped, virtual machine asleep)
// the first check may call loops stuck that had no chance to run; the next one is right again.
//
//   Ownership:  copies names.
//   Threading:  not thread-safe; loops on other threads report through the thread that checks.
//   Errors:     reports for a loop that is not there are ignored.
//   Blocking:   never.
//   Limits:     meant for a few dozen loops; every call is O(loops).
//
// Example:
//   Watchdog::LoopNumber loop = watchdog.Add("control", absl::Seconds(5), now);
//   watchdog.OnProgress(loop, now);
//   if (watchdog.StuckLoops(now).empty()) Notify(WatchdogMessage());

#ifndef LIB_DAEMON_WATCHDOG_H_
#define LIB_DAEMON_WATCHDOG_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"

namespace ctdb::daemon {

class Watchdog {
 public:
  using LoopNumber = Id<struct LoopNumberTag, uint32_t>;

  struct StuckLoop {
    std::string name;
    Instant last_progress;
    absl::Duration silent_for;
    absl::Duration limit;
  };

  // The loop counts as having made progress now. `limit`: longest time between two reports; at
  // least two of the loop's own report intervals, or a small delay looks like a hang.
  LoopNumber Add(absl::string_view name, absl::Duration limit, Instant now);
  // The loop ended as it should. Its number is not used again.
  void Remove(LoopNumber loop);
  // Reports may come late and out of order; the latest counts.
  void OnProgress(LoopNumber loop, Instant now);

  // Loops silent for longer than their limit, in the order in which they were added.
  std::vector<StuckLoop> StuckLoops(Instant now) const;

 private:
  struct Loop {
    std::string name;
    absl::Duration limit;
    Instant last_progress;
  };

  std::map<LoopNumber, Loop> loops_;
  uint32_t next_number_ = 0;
};

// "event loop control made no progress for 7s (limit 5s)"
std::string Describe(const Watchdog::StuckLoop& loop);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_WATCHDOG_H_
