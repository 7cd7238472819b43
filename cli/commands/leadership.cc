// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Who leads, who may, and what only a leader does: leader, getcapabilities, setleaderrole,
// setlmasterrole, getreclock, recover.

#include <capnp/message.h>

#include "absl/strings/str_cat.h"
#include "cli/cluster_query.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/render/cluster.h"
#include "cli/render/text.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

absl::StatusOr<int> Leader(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const std::optional<NodeNumber> leader,
                        WaitForLeader(context.session(), node, context.invocation().time_limit));
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Leader>();
    result.setNode(node.value());
    result.setLeaderKnown(leader.has_value());
    if (leader.has_value()) result.setLeader(leader->value());
    context.PrintJson(result.asReader());
  } else {
    context.Out(leader.has_value() ? absl::StrCat(leader->value(), "\n") : "UNKNOWN\n");
  }
  return kExitOk;
}

absl::StatusOr<int> GetCapabilities(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const auto reply, GetClusterOverview(context.session(), node));
  const auto report = FindReport(reply.getOverview(), node);
  if (!report.has_value()) {
    return absl::NotFoundError(absl::StrCat("Node ", node.value(), " does not exist"));
  }
  const bool leads = !report->getState().getMayNotLead();
  const bool is_home = !report->getState().getMayNotBeHome();
  const std::string& separator = context.invocation().separator;
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Capabilities>();
    result.setNode(node.value());
    result.setLeader(leads);
    result.setLmaster(is_home);
    context.PrintJson(result.asReader());
  } else if (context.invocation().machine) {
    context.Out(MachineRow({"LEADER", "LMASTER"}, separator));
    context.Out(MachineRow({leads ? "1" : "0", is_home ? "1" : "0"}, separator));
  } else {
    context.Out(absl::StrCat("LEADER: ", leads ? "YES" : "NO",
                             "\nLMASTER: ", is_home ? "YES" : "NO", "\n"));
  }
  return kExitOk;
}

enum class Role { kLead, kHome };

absl::StatusOr<int> SetRole(Context& context, Role role) {
  const std::string wanted = context.argument(0);
  if (wanted != "on" && wanted != "off") {
    context.Out(CommandUsage(context.command()));
    return kExitFailed;
  }
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  auto request = context.session().cluster(node).setRolesRequest();
  if (role == Role::kLead) {
    request.setSetsLead(true);
    request.setLead(wanted == "on");
  } else {
    request.setSetsHome(true);
    request.setHome(wanted == "on");
  }
  const auto reply = context.session().Call(
      kj::mv(request), absl::StrCat("change the roles of node ", node.value()));
  CTDB_RETURN_IF_ERROR(reply.status());
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    context.PrintJson(message.initRoot<reply::Nothing>().asReader());
  }
  return kExitOk;
}

absl::StatusOr<int> SetLeaderRole(Context& context) { return SetRole(context, Role::kLead); }
absl::StatusOr<int> SetLmasterRole(Context& context) { return SetRole(context, Role::kHome); }

absl::StatusOr<int> GetReclock(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const auto reply, GetClusterOverview(context.session(), node));
  const auto lock = reply.getOverview().getClusterLock();
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::ClusterLock>();
    result.setNode(node.value());
    result.setClusterLock(lock);
    context.PrintJson(result.asReader());
  } else if (lock.size() > 0) {
    context.Out(absl::StrCat(Printable(View(lock)), "\n"));
  }
  return kExitOk;
}

// An error of one step: its reason on stderr, then the line that scripts know.
absl::Status StepFailed(Context& context, const absl::Status& why, absl::string_view line) {
  context.Err(absl::StrCat(why.message(), "\n"));
  return absl::Status(why.code(), line);
}

// Waits until the node has settled in another epoch than the one before, which is returned.
absl::StatusOr<uint64_t> WaitForEpochAfter(Context& context, NodeNumber node, uint64_t before) {
  uint64_t epoch = before;
  const auto is_over = [&]() -> absl::StatusOr<bool> {
    CTDB_ASSIGN_OR_RETURN(const auto reply, GetClusterOverview(context.session(), node));
    const auto view = reply.getOverview().getView();
    epoch = view.getEpoch();
    return epoch != before && view.getSettled();
  };
  CTDB_ASSIGN_OR_RETURN(const bool in_time,
                        Poll(context.session(), context.invocation().run_limit, is_over));
  if (in_time) return epoch;
  return absl::DeadlineExceededError(
      absl::StrCat("node ", node.value(), " has not settled in a new epoch within ",
                   absl::FormatDuration(context.invocation().run_limit)));
}

absl::StatusOr<int> Recover(Context& context) {
  Session& session = context.session();
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  const auto leader = WaitForLeader(session, node, context.invocation().time_limit);
  if (!leader.ok()) return StepFailed(context, leader.status(), "Failed to find leader");
  if (!leader->has_value()) return absl::UnavailableError("Failed to find leader");
  uint64_t before = 0;
  {
    const auto reply = GetClusterOverview(session, node);
    if (!reply.ok()) {
      return StepFailed(context, reply.status(),
                        absl::StrCat("Failed to get generation from node ", node.value()));
    }
    before = reply->getOverview().getView().getEpoch();
  }
  auto request = session.cluster(**leader).recoverRequest();
  request.setReason(context.invocation().Own("reason").c_str());
  const absl::Status asked =
      session.Call(kj::mv(request), absl::StrCat("ask the leader, node ", (*leader)->value()))
          .status();
  if (!asked.ok()) return StepFailed(context, asked, "Failed to set recovery mode active");
  const auto epoch = WaitForEpochAfter(context, node, before);
  if (!epoch.ok()) return StepFailed(context, epoch.status(), "Failed to confirm end of recovery");
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Recovered>();
    result.setNode(node.value());
    result.setLeader((*leader)->value());
    result.setGenerationBefore(before);
    result.setGeneration(*epoch);
    context.PrintJson(result.asReader());
  }
  return kExitOk;
}

Command LeaderCommand(absl::string_view name, absl::string_view summary, absl::string_view help,
                      absl::string_view example) {
  return {.name = name,
          .arguments = "",
          .summary = summary,
          .help = help,
          .examples = {{example, "1"}},
          .watch = true,
          .legacy = true,
          .handler = Leader};
}

}  // namespace

std::vector<Command> LeadershipCommands() {
  return {
      {.name = "getcapabilities",
       .arguments = "",
       .summary = "roles that a node may take",
       .help = "Prints whether the node may lead the cluster and whether it may be the home of "
               "records (lmaster).",
       .examples = {{"ctdb getcapabilities", "LEADER: YES\nLMASTER: NO"},
                    {"ctdb getcapabilities -X", "|LEADER|LMASTER|\n|1|0|"}},
       .machine = true,
       .watch = true,
       .legacy = true,
       .handler = GetCapabilities},
      {.name = "getreclock",
       .arguments = "",
       .summary = "the cluster lock, as configured",
       .help = "Prints the cluster lock that the node is configured with, and nothing when there "
               "is none.",
       .examples = {{"ctdb getreclock", "!/usr/local/bin/lock-helper cluster-a"}},
       .legacy = true,
       .handler = GetReclock},
      LeaderCommand("leader", "number of the node that leads",
                    "Prints the number of the node that leads the cluster. While none is known it "
                    "waits, at most as long as -t says, and then prints UNKNOWN.",
                    "ctdb leader"),
      {.name = "recover",
       .arguments = "",
       .summary = "begin a new generation of the cluster",
       .help = "Asks the leader to begin a new generation with the same nodes, as after a failure, "
               "and waits until the node has settled in it.",
       .options = {{"reason", 'r', "TEXT", "kept by the leader and shown by \"ctdb events\""}},
       .examples = {{"ctdb recover", ""}},
       .legacy = true,
       .handler = Recover},
      LeaderCommand("recmaster", "old name of \"leader\"",
                    "Does what \"ctdb leader\" does, under the name that it had before.",
                    "ctdb recmaster"),
      {.name = "setleaderrole",
       .arguments = "on|off",
       .summary = "whether a node may lead, until it restarts",
       .help = "Says whether the node may lead the cluster, until its daemons are started again. A "
               "leader that may not lead any more makes way for another one.",
       .examples = {{"ctdb setleaderrole off -n 2", ""}},
       .arguments_min = 1,
       .arguments_max = 1,
       .legacy = true,
       .handler = SetLeaderRole},
      {.name = "setlmasterrole",
       .arguments = "on|off",
       .summary = "whether a node is home of records",
       .help = "Says whether the node may be the home of records (lmaster), until its daemons are "
               "started again. The leader then begins a new generation by itself.",
       .examples = {{"ctdb setlmasterrole off -n 2", ""}},
       .arguments_min = 1,
       .arguments_max = 1,
       .legacy = true,
       .handler = SetLmasterRole},
  };
}

}  // namespace ctdb::cli
