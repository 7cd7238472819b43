// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// status, nodestatus.

#include "cli/render/status.h"

#include <capnp/message.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "cli/cluster_query.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/node_set.h"
#include "cli/render/cluster.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

using NodesReply = capnp::Response<wire::Transport::NodesResults>;
using OverviewReply = capnp::Response<wire::Master::OverviewResults>;
using StatusReply = capnp::Response<wire::DaemonControl::StatusResults>;

// What the commands of this file show: what the daemons of the node that was asked for know, and
// the links of the local one.
struct Picture {
  NodesReply nodes;
  absl::StatusOr<OverviewReply> overview;  // An error when the master daemon did not answer.
  absl::StatusOr<StatusReply> master;      // The same.
  absl::StatusOr<ClusterReply> cluster;    // An error when no cluster service answers.
  std::vector<NodeState> states;
  ClusterState agreed;
  NodeNumber target;
};

absl::StatusOr<Picture> TakePicture(Context& context) {
  Session& session = context.session();
  CTDB_ASSIGN_OR_RETURN(const NodeNumber target, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(Connection * connection, session.Open());
  const NodeNumber local = connection->address().node;
  CTDB_ASSIGN_OR_RETURN(auto nodes,
                        session.Call(session.transport(local).nodesRequest(), "list the nodes"));
  auto overview = session.Call(session.master(target).overviewRequest(),
                               absl::StrCat("get the overview of node ", target.value()));
  auto master = session.Call(session.master(target).statusRequest(),
                             absl::StrCat("get the status of node ", target.value()));
  auto cluster = GetClusterOverview(session, target);
  wire::RunState run_state = wire::RunState::UNKNOWN;
  if (overview.ok()) {
    run_state = overview->getOverview().getRunState();
  } else if (cluster.ok()) {
    run_state = OwnRunState(cluster->getOverview());
  }
  std::vector<NodeState> states;
  ClusterState agreed;
  if (cluster.ok()) {
    states = NodeStates(cluster->getOverview(), run_state);
    agreed = ToClusterState(cluster->getOverview());
  } else {
    context.Err(absl::StrCat("Warning: ", cluster.status().message(),
                             "; what follows are only the links of node ", local.value(), "\n"));
    states = NodeStates(nodes.getNodes(), target.value(), run_state);
  }
  return Picture{kj::mv(nodes),     kj::mv(overview),  kj::mv(master), kj::mv(cluster),
                 std::move(states), std::move(agreed), target};
}

std::string LoggingLines(const Picture& picture) {
  if (!picture.master.ok()) return "";
  const auto status = picture.master->getStatus();
  const auto sink = status.getLogSink();
  std::string text = absl::StrCat("\nLog of node ", picture.target.value(), ": ",
                                  Printable(View(sink.getLocation())), " at ",
                                  Printable(View(status.getLogLevel())), ", ", sink.getWritten(),
                                  " written, ", sink.getDropped(), " dropped\n");
  if (sink.getFailing()) {
    absl::StrAppend(&text, "It fails: ", Printable(View(sink.getLastError())), "\n");
  }
  return text;
}

std::string VerboseText(const Picture& picture, const Context& context) {
  const bool colour = context.colour();
  std::string text;
  if (picture.cluster.ok()) {
    text = ClusterDetails(picture.cluster->getOverview(), context.environment().zone);
  }
  if (!picture.overview.ok()) return text;
  const auto overview = picture.overview->getOverview();
  const double now = overview.getCurrentTime();
  return absl::StrCat(text, "\nLinks:\n", LinkTable(picture.nodes.getNodes(), now).Human(colour),
                      "\nProcesses of node ", picture.target.value(), " (",
                      Printable(View(overview.getProcessModel())), " process model):\n",
                      ProcessTable(overview.getProcesses(), now).Human(colour),
                      LoggingLines(picture));
}

std::string StatusJson(const Picture& picture) {
  JsonWriter json;
  json.BeginObject();
  WriteNodeStatus(picture.states, json);
  WriteClusterState(picture.agreed, json);
  capnp::MallocMessageBuilder message;
  auto extras = message.initRoot<reply::NodeStatusExtras>();
  extras.setTransport(picture.nodes.getNodes());
  if (picture.overview.ok()) extras.setProcesses(picture.overview->getOverview().getProcesses());
  if (picture.master.ok()) extras.setLogging(picture.master->getStatus().getLogSink());
  if (picture.cluster.ok()) extras.setCluster(picture.cluster->getOverview());
  json.Fields(extras.asReader());
  json.EndObject();
  return json.Take();
}

absl::StatusOr<int> Status(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const Picture picture, TakePicture(context));
  const Invocation& invocation = context.invocation();
  if (invocation.json) {
    context.Out(StatusJson(picture));  // Older tools print no final newline, either.
  } else if (invocation.machine) {
    context.Out(NodeTable(picture.states, invocation.separator));
  } else {
    std::string text = NodeCountLine(picture.states);
    for (const NodeState& node : picture.states) text += NodeLine(node, context.colour());
    text += ClusterLines(picture.agreed);
    if (invocation.verbose) text += VerboseText(picture, context);
    context.Out(text);
  }
  if (!picture.overview.ok()) return picture.overview.status();
  return kExitOk;
}

// The nodes that the argument selects; without one, the node that was asked.
absl::StatusOr<std::vector<NodeState>> Selected(const Picture& picture,
                                                const std::string& argument) {
  std::set<uint32_t> existing;
  for (const NodeState& node : picture.states) {
    if ((node.flags & kDeleted) == 0) existing.insert(node.number);
  }
  std::set<uint32_t> chosen = {picture.target.value()};
  if (!argument.empty()) {
    CTDB_ASSIGN_OR_RETURN(chosen, ParseNodeSet(argument, existing, Ranges::kRefused));
  }
  std::vector<NodeState> selected;
  for (const NodeState& node : picture.states) {
    if (chosen.count(node.number) > 0) selected.push_back(node);
  }
  return selected;
}

absl::StatusOr<int> NodeStatus(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const Picture picture, TakePicture(context));
  CTDB_ASSIGN_OR_RETURN(const auto selected, Selected(picture, context.argument(0)));
  if (context.invocation().json) {
    JsonWriter json;
    json.BeginObject();
    WriteNodeStatus(selected, json);
    json.EndObject();
    context.Out(absl::StrCat(json.Take(), "\n"));
  } else if (context.invocation().machine) {
    context.Out(NodeTable(selected, context.invocation().separator));
  } else {
    if (context.argument(0) == "all") context.Out(NodeCountLine(picture.states));
    for (const NodeState& node : selected) context.Out(NodeLine(node, context.colour()));
  }
  return static_cast<int>(FlagsOfAll(selected));
}

}  // namespace

std::vector<Command> StatusCommands() {
  return {
      {.name = "nodestatus",
       .arguments = "[all|NODE,...]",
       .summary = "state of some nodes, also as exit code",
       .help = "Shows the state of the chosen nodes, or of the local one. The exit code is the sum "
               "of what is true of any of them: 1 disconnected, 2 unhealthy, 4 disabled, "
               "8 banned, 32 stopped, 64 unknown.",
       .examples = {{"ctdb nodestatus", "pnn:0 10.7.0.1         OK (THIS NODE)"},
                    {"ctdb nodestatus 1,2",
                     "pnn:1 10.7.0.2         OK\n"
                     "pnn:2 10.7.0.3         DISCONNECTED|UNHEALTHY|INACTIVE"}},
       .arguments_max = 1,
       .machine = true,
       .watch = true,
       .legacy = true,
       .handler = NodeStatus},
      {.name = "status",
       .arguments = "",
       .summary = "state of the cluster and its nodes",
       .help = "Shows every node with its address and state, then what the cluster agreed on: its "
               "generation, the nodes that records are spread over, whether it is in recovery, and "
               "who leads. All of it as the node that is asked knows it. A node is INACTIVE when "
               "it takes no part, and UNKNOWN while nothing was heard from it. With -v also how "
               "the cluster decides and what it waits for, the links of the local node, the "
               "processes of the node and how its log is doing. When no cluster service answers, "
               "the state is that of the links alone, and a warning on stderr says so.",
       .examples = {{"ctdb status",
                     "Number of nodes:3\n"
                     "pnn:0 10.7.0.1         OK (THIS NODE)\n"
                     "pnn:1 10.7.0.2         OK\n"
                     "pnn:2 10.7.0.3         DISCONNECTED|UNHEALTHY|INACTIVE\n"
                     "Generation:16781313\n"
                     "Size:2\n"
                     "hash:0 lmaster:0\n"
                     "hash:1 lmaster:1\n"
                     "Recovery mode:NORMAL (0)\n"
                     "Leader:1"},
                    {"ctdb status -X",
                     "|Node|IP|Disconnected|Unknown|Banned|Disabled|Unhealthy|Stopped|Inactive|"
                     "PartiallyOnline|ThisNode|\n"
                     "|0|10.7.0.1|0|0|0|0|0|0|0|0|Y|"}},
       .machine = true,
       .watch = true,
       .legacy = true,
       .handler = Status},
  };
}

}  // namespace ctdb::cli
