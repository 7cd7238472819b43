// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/commands/nodes_to_ask.h"

#include <utility>

#include "cli/database_query.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {

absl::StatusOr<std::vector<NodeNumber>> NodesToAsk(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber target, context.TargetNode());
  if (context.invocation().node.has_value()) return std::vector<NodeNumber>{target};
  CTDB_ASSIGN_OR_RETURN(Reachable nodes, ReachableNodes(context.session()));
  return std::move(nodes.connected);
}

}  // namespace ctdb::cli
