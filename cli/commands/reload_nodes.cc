// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// reloadnodes: the cluster takes over a changed nodes list. Every node must have the same list
// before any of them is told; then all prepare, and only when all have, all commit.

#include <capnp/message.h>

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/cluster_query.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/nodes_change.h"
#include "cli/observe.h"
#include "cli/render/status.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

constexpr char kRefused[] = "ERROR: Nodes will not be reloaded due to previous error\n";

struct Lists {
  NodesList file;    // What the node's configuration names now.
  NodesList in_use;  // What it works with.
};

NodesList ToList(wire::NodesFile::Reader file) {
  NodesList list;
  for (const auto entry : file.getNodes()) {
    // A gap can only be a mistake of the other side; it reads as deleted nodes.
    if (entry.getNode() > 0xffff) continue;
    if (entry.getNode() >= list.size()) list.resize(entry.getNode() + 1, {"", true});
    list[entry.getNode()] = {Printable(View(entry.getAddress())), entry.getDeleted()};
  }
  return list;
}

absl::StatusOr<Lists> GetLists(Context& context, NodeNumber node) {
  const auto reply =
      context.session().Call(context.session().cluster(node).nodesFileRequest(),
                             absl::StrCat("get the nodes list of node ", node.value()));
  if (reply.ok()) return Lists{ToList(reply->getFile()), ToList(reply->getInUse())};
  context.Err(absl::StrCat(reply.status().message(), "\n"));
  return absl::Status(reply.status().code(),
                      absl::StrCat("ERROR: Failed to get nodes file from node ", node.value()));
}

// Who can be told, and who cannot.
struct Reachable {
  std::set<uint32_t> connected;  // The local node among them.
  std::set<uint32_t> disconnected;
};

absl::StatusOr<Reachable> FindReachable(Context& context, NodeNumber local) {
  CTDB_ASSIGN_OR_RETURN(const auto reply, GetClusterOverview(context.session(), local));
  Reachable nodes;
  for (const auto report : reply.getOverview().getNodes()) {
    if ((report.getFlags() & kDeleted) != 0) continue;
    const bool is_connected = (report.getFlags() & kDisconnected) == 0;
    (is_connected ? nodes.connected : nodes.disconnected).insert(report.getState().getNode());
  }
  nodes.connected.insert(local.value());
  return nodes;
}

// The lists of all connected nodes, none when a node has another file than the local one.
absl::StatusOr<std::map<uint32_t, Lists>> CollectLists(Context& context, NodeNumber local,
                                                       const std::set<uint32_t>& connected) {
  std::map<uint32_t, Lists> lists;
  CTDB_ASSIGN_OR_RETURN(lists[local.value()], GetLists(context, local));
  std::string differing;
  for (const uint32_t node : connected) {
    if (node == local.value()) continue;
    CTDB_ASSIGN_OR_RETURN(lists[node], GetLists(context, NodeNumber(node)));
    if (lists[node].file == lists[local.value()].file) continue;
    absl::StrAppend(&differing, differing.empty() ? "" : "\n", "ERROR: Nodes file on node ", node,
                    " differs from current node (", local.value(), ")");
  }
  if (!differing.empty()) return absl::FailedPreconditionError(differing);
  return lists;
}

enum class Step { kPrepare, kCommit };
constexpr absl::Duration kRetryPause = absl::Milliseconds(100);

// A node takes the second step when somebody leads by both lists, which may take an election.
absl::Status TellOne(Context& context, uint32_t node, Step step) {
  Session& session = context.session();
  const std::string action = absl::StrCat("reload the nodes list on node ", node);
  const absl::Time deadline = absl::Now() + context.invocation().time_limit;
  while (true) {
    wire::Cluster::Client cluster = session.cluster(NodeNumber(node));
    const absl::Status status = step == Step::kPrepare
                                    ? session.Call(cluster.prepareNodesRequest(), action).status()
                                    : session.Call(cluster.commitNodesRequest(), action).status();
    const bool is_early = step == Step::kCommit && absl::IsFailedPrecondition(status);
    if (!is_early || absl::Now() >= deadline) return status;
    Pause(session, kRetryPause);
  }
}

// Tells every node; those that could not do it.
std::vector<uint32_t> TellAll(Context& context, const std::vector<uint32_t>& nodes, Step step) {
  std::vector<uint32_t> failed;
  for (const uint32_t node : nodes) {
    const absl::Status status = TellOne(context, node, step);
    if (status.ok()) continue;
    context.Err(absl::StrCat(status.message(), "\nNode ", node, " failed to reload nodes\n"));
    failed.push_back(node);
  }
  return failed;
}

// In the order of the second step: when the leader takes it, a majority of both lists has followed.
std::vector<uint32_t> LeaderFirst(Context& context, NodeNumber local,
                                  const std::set<uint32_t>& nodes) {
  std::vector<uint32_t> order(nodes.begin(), nodes.end());
  const auto reply = GetClusterOverview(context.session(), local);
  if (!reply.ok() || !reply->getOverview().getLeaderKnown()) return order;
  const uint32_t leader = reply->getOverview().getLeader();
  std::stable_partition(order.begin(), order.end(),
                        [leader](uint32_t node) { return node == leader; });
  return order;
}

// Any list of node numbers, into a list of the reply.
template <typename Numbers, typename Init>
void SetList(const Numbers& numbers, Init init) {
  auto list = init(static_cast<unsigned int>(numbers.size()));
  unsigned int i = 0;
  for (const uint32_t number : numbers) list.set(i++, number);
}

void PrintReload(Context& context, bool changed, const NodesChange& change, const Reachable& nodes,
                 const std::vector<uint32_t>& failed) {
  if (!context.invocation().json) return;
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<reply::NodesReload>();
  result.setChanged(changed);
  SetList(change.added, [&](unsigned int size) { return result.initNew(size); });
  SetList(change.deleted, [&](unsigned int size) { return result.initDeleted(size); });
  SetList(change.undeleted, [&](unsigned int size) { return result.initUndeleted(size); });
  SetList(nodes.disconnected, [&](unsigned int size) { return result.initDisconnected(size); });
  SetList(failed, [&](unsigned int size) { return result.initFailed(size); });
  context.PrintJson(result.asReader());
}

// Nodes that work with another list than they should, without a change on the local one: what an
// earlier reload left behind.
std::set<uint32_t> Laggards(const std::map<uint32_t, Lists>& lists) {
  std::set<uint32_t> laggards;
  for (const auto& [node, list] : lists) {
    if (list.in_use != list.file) laggards.insert(node);
  }
  return laggards;
}

absl::StatusOr<int> ReloadNodes(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(Reachable nodes, FindReachable(context, local));
  CTDB_ASSIGN_OR_RETURN(const auto lists, CollectLists(context, local, nodes.connected));
  const Lists& own = lists.at(local.value());
  const NodesChange change = CompareNodes(own.in_use, own.file, nodes.connected);
  if (!context.invocation().json) context.Out(change.Text());
  for (const std::string& error : change.errors) context.Err(absl::StrCat(error, "\n"));
  if (!change.errors.empty()) {
    context.Err(kRefused);
    return kExitFailed;
  }
  for (const uint32_t node : change.deleted) nodes.disconnected.erase(node);
  const std::set<uint32_t> laggards = Laggards(lists);
  if (change.IsNothing() && laggards.empty()) {
    context.Err("No change in nodes file, skipping unnecessary reload\n");
    PrintReload(context, false, change, nodes, {});
    return kExitOk;
  }
  for (const uint32_t node : laggards) {
    if (!change.IsNothing()) break;
    context.Err(absl::StrCat("Node ", node, " does not work with its nodes file yet\n"));
  }
  for (const uint32_t node : nodes.disconnected) {
    context.Err(absl::StrCat("WARNING: Node ", node,
                             " is disconnected. You MUST fix this node manually!\n"));
  }
  std::vector<uint32_t> failed =
      TellAll(context, {nodes.connected.begin(), nodes.connected.end()}, Step::kPrepare);
  if (!failed.empty()) {
    context.Err(kRefused);
    PrintReload(context, false, change, nodes, failed);
    return kExitFailed;
  }
  failed = TellAll(context, LeaderFirst(context, local, nodes.connected), Step::kCommit);
  if (!failed.empty()) context.Err("You MUST fix failed nodes manually!\n");
  PrintReload(context, true, change, nodes, failed);
  return kExitOk;  // Also then: scripts know it so.
}

}  // namespace

std::vector<Command> ReloadNodesCommands() {
  return {
      {.name = "reloadnodes",
       .arguments = "",
       .summary = "let the cluster take over a changed nodes list",
       .help = "Compares the nodes lists of all connected nodes with the local one and with the "
               "list that the cluster works with, then makes all connected nodes take it over: "
               "first all prepare, and when all have, all commit. Lines may be added at the end, "
               "commented out while their node is down, and come back; they may not be removed or "
               "get another address. Nodes that are not connected are named and must be restarted "
               "with the new list.",
       .examples = {{"ctdb reloadnodes", "Node 3 is NEW"},
                    {"ctdb reloadnodes", "No change in nodes file, skipping unnecessary reload"}},
       .scope = Scope::kLocalNode,
       .legacy = true,
       .handler = ReloadNodes},
  };
}

}  // namespace ctdb::cli
