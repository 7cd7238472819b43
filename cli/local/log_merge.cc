// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/log_merge.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace ctdb::cli::local {

std::optional<absl::Time> TimeStampOf(absl::string_view line) {
  const absl::string_view word = line.substr(0, line.find(' '));
  constexpr size_t kShortest = absl::string_view("2026-11-21T02:50:51Z").size();
  absl::Time time;
  std::string error;
  if (word.size() < kShortest || !absl::ParseTime(absl::RFC3339_full, word, &time, &error)) {
    return std::nullopt;
  }
  return time;
}

void LogMerge::Add(uint32_t node, absl::string_view text) {
  std::string& unfinished = unfinished_[node];
  while (!text.empty()) {
    const size_t end = text.find('\n');
    absl::StrAppend(&unfinished, text.substr(0, end));
    const bool whole = end != absl::string_view::npos;
    text.remove_prefix(whole ? end + 1 : text.size());
    if (whole || unfinished.size() >= kUnfinishedLineBytesMax) {
      AddLine(node, unfinished);
      unfinished.clear();
    }
  }
}

void LogMerge::AddLine(uint32_t node, absl::string_view line) {
  absl::Time& stamp = last_stamp_.try_emplace(node, absl::InfinitePast()).first->second;
  // A clock that was set back must not turn a node's own lines around.
  stamp = std::max(stamp, TimeStampOf(line).value_or(stamp));
  entries_.push_back({stamp, node, absl::StrCat(node, ": ", line, "\n")});
}

std::string LogMerge::Take() {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.stamp < b.stamp; });
  std::string merged;
  for (const Entry& entry : entries_) merged += entry.text;
  entries_.clear();
  return merged;
}

}  // namespace ctdb::cli::local
