// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// copies: whether full copies of a database are equal, while it changes: each node tells what its
// copy was at its last positions, and they are compared at the newest one that all of them had.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     as many marks as the nodes tell of.
//
// Example:
//   std::optional<Comparison> result = CompareCopies(histories);

#ifndef LIB_CHECK_COPIES_H_
#define LIB_CHECK_COPIES_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/ids.h"

namespace ctdb::check {

struct LogPlace {
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  friend constexpr auto operator<=>(const LogPlace&, const LogPlace&) = default;
};
using CopyDigest = std::pair<uint64_t, uint64_t>;
using CopyHistory = std::map<LogPlace, CopyDigest>;

struct CopyComparison {
  LogPlace at;
  // Those that are equal, together. One group: all are.
  std::vector<std::vector<NodeNumber>> groups;
};

// Nothing: there is no position that all of them tell of.
std::optional<CopyComparison> CompareCopies(const std::map<NodeNumber, CopyHistory>& histories);

}  // namespace ctdb::check

#endif  // LIB_CHECK_COPIES_H_
