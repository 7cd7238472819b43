// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/watchdog.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace ctdb::daemon {

Watchdog::LoopNumber Watchdog::Add(absl::string_view name, absl::Duration limit, Instant now) {
  const LoopNumber number(next_number_++);
  loops_.emplace(number, Loop{std::string(name), limit, now});
  return number;
}

void Watchdog::Remove(LoopNumber loop) { loops_.erase(loop); }

void Watchdog::OnProgress(LoopNumber loop, Instant now) {
  const auto found = loops_.find(loop);
  if (found == loops_.end()) return;
  found->second.last_progress = std::max(found->second.last_progress, now);
}

std::vector<Watchdog::StuckLoop> Watchdog::StuckLoops(Instant now) const {
  std::vector<StuckLoop> stuck;
  for (const auto& [number, loop] : loops_) {
    const absl::Duration silent_for = ToAbsl(now - loop.last_progress);
    if (silent_for > loop.limit) {
      stuck.push_back(StuckLoop{loop.name, loop.last_progress, silent_for, loop.limit});
    }
  }
  return stuck;
}

std::string Describe(const Watchdog::StuckLoop& loop) {
  return absl::StrCat("event loop ", loop.name, " made no progress for ",
                      absl::FormatDuration(loop.silent_for), " (limit ",
                      absl::FormatDuration(loop.limit), ")");
}

}  // namespace ctdb::daemon
