// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// why: what led to the state that a node is in.

#include <capnp/message.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/cluster_query.h"
#include "cli/commands/groups.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/cluster.h"
#include "cli/render/history.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

absl::StatusOr<NodeNumber> NodeToExplain(Context& context, NodeNumber asked) {
  const std::string text = context.argument(0);
  if (text.empty()) return asked;
  const std::optional<uint64_t> number = ParseNumber(text);
  if (number.has_value() && *number <= UINT32_MAX) {
    return NodeNumber(static_cast<uint32_t>(*number));
  }
  return absl::InvalidArgumentError(absl::StrCat("Invalid node ", text));
}

void SetReasons(wire::NodeReport::Reader report, reply::Why::Builder result) {
  const auto reasons = report.getState().getReasons();
  auto list = result.initReasons(reasons.size());
  for (unsigned int i = 0; i < reasons.size(); ++i) {
    list[i].setFlag(FlagText(reasons[i].getFlag()).c_str());
    list[i].setText(reasons[i].getText());
  }
}

absl::StatusOr<int> Why(Context& context) {
  Session& session = context.session();
  CTDB_ASSIGN_OR_RETURN(const NodeNumber asked, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, NodeToExplain(context, asked));
  CTDB_ASSIGN_OR_RETURN(const auto cluster, GetClusterOverview(session, asked));
  const auto overview = cluster.getOverview();
  const std::vector<NodeState> states = NodeStates(overview, OwnRunState(overview));
  const auto state = std::find_if(states.begin(), states.end(), [&](const NodeState& candidate) {
    return candidate.number == node.value();
  });
  if (state == states.end()) {
    return absl::NotFoundError(absl::StrCat("Node ", node.value(), " does not exist"));
  }
  const auto report = *FindReport(overview, node);
  const std::string action = absl::StrCat("ask node ", asked.value(), " about node ", node.value());
  auto request = session.cluster(asked).whyRequest();
  request.setNode(node.value());
  CTDB_ASSIGN_OR_RETURN(const auto why, session.Call(kj::mv(request), action));
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Why>();
    result.setNode(node.value());
    result.setState(FlagNames(*state).c_str());
    SetReasons(report, result);
    result.setChanges(why.getChanges());
    context.PrintJson(result.asReader());
    return kExitOk;
  }
  // Ages are by the clock of the node that saw the changes.
  CTDB_ASSIGN_OR_RETURN(const auto clock,
                        session.Call(session.cluster(asked).pingRequest(), action));
  context.Out(
      WhyText(*state, report, why.getChanges(), clock.getTime(), context.environment().zone));
  return kExitOk;
}

}  // namespace

std::vector<Command> WhyCommands() {
  return {
      {.name = "why",
       .arguments = "[NODE]",
       .summary = "what led to the state that a node is in",
       .help = "Says in what state the node is and since when, then the change that led to it, "
               "what caused that, and so on, as far as it is on record. Without an argument it is "
               "about the node that is asked. Nodes see things differently: -n chooses whom to "
               "ask.",
       .examples = {{"ctdb why 1",
                     "Node 1 is DISCONNECTED since Tue Nov 24 10:00:01 2026 (3 s ago)\n"
                     "  because: Node 1 is DISCONNECTED: the link was lost: connection reset by "
                     "peer"},
                    {"ctdb why 2",
                     "Node 2 is OK since Tue Nov 24 09:12:40 2026 (47m 24s ago)\n"
                     "  because: Node 2 is not DISABLED any more: maintenance is over"}},
       .arguments_max = 1,
       .watch = true,
       .handler = Why},
  };
}

}  // namespace ctdb::cli
