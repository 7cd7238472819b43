// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/node_set.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ctdb::cli {
namespace {

// First and last node that one part of the list names.
std::optional<std::pair<uint32_t, uint32_t>> ParsePart(absl::string_view part, Ranges ranges) {
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(part, absl::MaxSplits('-', 1));
  const bool is_range = part.find('-') != absl::string_view::npos;
  if (is_range && ranges == Ranges::kRefused) return std::nullopt;
  uint32_t first = 0;
  uint32_t last = 0;
  if (!absl::SimpleAtoi(ends.first, &first)) return std::nullopt;
  if (!absl::SimpleAtoi(is_range ? ends.second : ends.first, &last)) return std::nullopt;
  if (first > last) return std::nullopt;
  return std::make_pair(first, last);
}

}  // namespace

absl::StatusOr<std::set<uint32_t>> ParseNodeSet(absl::string_view text,
                                                const std::set<uint32_t>& existing, Ranges ranges) {
  if (text == "all") return existing;
  std::set<uint32_t> nodes;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const auto ends = ParsePart(part, ranges);
    if (!ends.has_value()) return absl::InvalidArgumentError(absl::StrCat("Invalid node ", part));
    // Stops at the first node that is not there, so a huge range costs nothing.
    for (uint64_t node = ends->first; node <= ends->second; ++node) {
      if (existing.count(static_cast<uint32_t>(node)) == 0) {
        return absl::NotFoundError(absl::StrCat("Node ", node, " does not exist"));
      }
      nodes.insert(static_cast<uint32_t>(node));
    }
  }
  return nodes;
}

}  // namespace ctdb::cli
