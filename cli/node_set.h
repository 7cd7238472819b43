// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// node_set: which nodes an argument names: "all", "0,2,5", and where it is allowed "1-3".
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument "Invalid node TEXT", NotFound "Node N does not exist".
//   Blocking:   never.
//   Limits:     the nodes that exist.
//
// Example:
//   ParseNodeSet("0,2-3", {0, 1, 2, 3}, Ranges::kAllowed)  // 0, 2, 3

#ifndef CLI_NODE_SET_H_
#define CLI_NODE_SET_H_

#include <cstdint>
#include <set>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::cli {

enum class Ranges { kRefused, kAllowed };

absl::StatusOr<std::set<uint32_t>> ParseNodeSet(absl::string_view text,
                                                const std::set<uint32_t>& existing, Ranges ranges);

}  // namespace ctdb::cli

#endif  // CLI_NODE_SET_H_
