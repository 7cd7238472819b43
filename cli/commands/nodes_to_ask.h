// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// nodes_to_ask: whom a command asks that is about the whole cluster unless -n names a node.
//
//   Ownership:  values.
//   Threading:  as the context.
//   Errors:     those of finding a node.
//   Blocking:   asks the local transport.
//   Limits:     none.

#ifndef CLI_COMMANDS_NODES_TO_ASK_H_
#define CLI_COMMANDS_NODES_TO_ASK_H_

#include <vector>

#include "absl/status/statusor.h"
#include "cli/context.h"

namespace ctdb::cli {

// The node of -n, or else all that are connected.
absl::StatusOr<std::vector<NodeNumber>> NodesToAsk(Context& context);

}  // namespace ctdb::cli

#endif  // CLI_COMMANDS_NODES_TO_ASK_H_
