// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/hot_keys.h"

#include <algorithm>

namespace ctdb::database {
namespace {

constexpr absl::Duration kWindow = absl::Seconds(1);
constexpr absl::Duration kRemembered = absl::Seconds(10);

}  // namespace

void HotKeys::Moved(absl::string_view key, Instant now) {
  auto it = std::find_if(candidates_.begin(), candidates_.end(),
                         [&](const Candidate& candidate) { return candidate.key == key; });
  if (it == candidates_.end()) {
    if (candidates_.size() < kCandidates) {
      it = candidates_.emplace(candidates_.end());
    } else {
      // The one that did not move for longest: a key in demand is never that for long.
      it = std::min_element(candidates_.begin(), candidates_.end(),
                            [](const auto& a, const auto& b) { return a.last < b.last; });
    }
    *it = {std::string(key), now, now, 0, 0};
  }
  if (now >= After(it->second, kWindow)) {
    it->second = now;
    it->moves = 0;
  }
  if (now >= After(it->last, kRemembered)) it->peak = 0;
  it->last = now;
  it->peak = std::max(it->peak, ++it->moves);
}

std::vector<HotKeys::Entry> HotKeys::Report(Instant now) const {
  std::vector<Entry> report;
  for (const Candidate& candidate : candidates_) {
    if (now >= After(candidate.last, kRemembered)) continue;
    report.push_back({candidate.key, candidate.peak});
  }
  std::sort(report.begin(), report.end(), [](const Entry& a, const Entry& b) {
    return a.moves != b.moves ? a.moves > b.moves : a.key < b.key;
  });
  if (report.size() > most_) report.resize(most_);
  return report;
}

}  // namespace ctdb::database
