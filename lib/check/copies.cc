// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/check/copies.h"

#include <algorithm>

namespace ctdb::check {

std::optional<CopyComparison> CompareCopies(const std::map<NodeNumber, CopyHistory>& histories) {
  if (histories.empty()) return std::nullopt;
  const CopyHistory& first = histories.begin()->second;
  for (auto it = first.rbegin(); it != first.rend(); ++it) {
    const LogPlace at = it->first;
    const bool is_common =
        std::all_of(histories.begin(), histories.end(),
                    [&](const auto& history) { return history.second.contains(at); });
    if (!is_common) continue;
    std::map<CopyDigest, std::vector<NodeNumber>> groups;
    for (const auto& [node, history] : histories) groups[history.at(at)].push_back(node);
    CopyComparison comparison{at, {}};
    for (auto& [digest, nodes] : groups) comparison.groups.push_back(std::move(nodes));
    return comparison;
  }
  return std::nullopt;
}

}  // namespace ctdb::check
