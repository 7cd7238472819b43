// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// absence: what a node's copies are worth after it was away.
//
// While a node is away, the others change records and forget deleted ones. What it had before is
// void when it returns, if somebody stayed: a copy of a record that is forgotten could not be told
// from one that was never touched. When nobody stayed, all copies count.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     O(members).
//
// Example:
//   void_before_ = VoidBefore(view, options_.local, epoch_, void_before_);
//   if (IsVoid(record.version, record.loan, void_before_)) continue;

#ifndef LIB_DATABASE_ABSENCE_H_
#define LIB_DATABASE_ABSENCE_H_

#include <algorithm>
#include <optional>

#include "lib/base/ids.h"
#include "lib/cluster/node_state.h"
#include "lib/database/record_version.h"

namespace ctdb::database {

// In which epoch `node`, which had taken over `former` last, must have got a copy that counts.
// `before`: the answer until now.
inline Epoch VoidBefore(const cluster::View& view, NodeNumber node, Epoch former, Epoch before) {
  const std::optional<Epoch> joined = cluster::JoinedEpoch(view, node);
  if (!joined || *joined <= former) return before;
  const bool has_somebody_stayed = std::any_of(view.joined.begin(), view.joined.end(),
                                               [&](Epoch other) { return other < *joined; });
  return has_somebody_stayed ? *joined : before;
}

constexpr bool IsVoid(RecordVersion version, Loan loan, Epoch void_before) {
  return version.epoch < void_before && loan.epoch < void_before;
}

}  // namespace ctdb::database

#endif  // LIB_DATABASE_ABSENCE_H_
