// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Commands about one node as a whole: ping, pnn, uptime, runstate, getpid, shutdown.

#include <capnp/message.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/cluster_query.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/text.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

using OverviewReply = capnp::Response<wire::Master::OverviewResults>;

absl::StatusOr<OverviewReply> GetOverview(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  return context.session().Call(context.session().master(node).overviewRequest(),
                                absl::StrCat("get the overview of node ", node.value()));
}

absl::StatusOr<int> Ping(Context& context) {
  Session& session = context.session();
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  const std::string action = absl::StrCat("ping node ", node.value());
  const absl::Time start = absl::Now();
  CTDB_ASSIGN_OR_RETURN(auto pong, session.Call(session.master(node).pingRequest(), action));
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  CTDB_ASSIGN_OR_RETURN(auto reply,
                        session.Call(session.transport(node).endpointsRequest(), action));
  uint32_t clients = 0;
  for (const auto endpoint : reply.getEndpoints()) {
    if (endpoint.getAddress().getService() == static_cast<uint16_t>(ServiceId::kClient)) ++clients;
  }
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Ping>();
    result.setNode(node.value());
    result.setSeconds(seconds);
    result.setClients(clients);
    context.PrintJson(result.asReader());
  } else {
    context.Out(absl::StrFormat("response from %u time=%.6f sec  (%u clients)\n", node.value(),
                                seconds, clients));
  }
  return kExitOk;
}

absl::StatusOr<int> Pnn(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::NodeNumber>();
    result.setNode(node.value());
    context.PrintJson(result.asReader());
  } else {
    context.Out(absl::StrCat(node.value(), "\n"));
  }
  return kExitOk;
}

absl::StatusOr<int> Uptime(Context& context) {
  CTDB_ASSIGN_OR_RETURN(auto reply, GetOverview(context));
  const auto overview = reply.getOverview();
  const auto cluster = GetClusterOverview(context.session(), NodeNumber(overview.getNode()));
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Uptime>();
    result.setOverview(overview);
    if (cluster.ok()) {
      auto recovery = result.initLastRecovery();
      recovery.setTime(cluster->getOverview().getLastChange());
      recovery.setSeconds(cluster->getOverview().getChangeSeconds());
    }
    context.PrintJson(result.asReader());
    return kExitOk;
  }
  const absl::TimeZone zone = context.environment().zone;
  const double now = overview.getCurrentTime();
  context.Out(absl::StrFormat(
      "Current time of node %-4u     :                %s\n"
      "Ctdbd start time              : %s %s\n",
      overview.getNode(), CalendarTime(now, zone), AgeInDays(now - overview.getStartTime()),
      CalendarTime(overview.getStartTime(), zone)));
  if (!cluster.ok()) return kExitOk;
  const double changed = cluster->getOverview().getLastChange();
  context.Out(
      absl::StrFormat("Time of last recovery/failover: %s %s\n"
                      "Duration of last recovery/failover: %f seconds\n",
                      AgeInDays(now - changed), CalendarTime(changed, zone),
                      cluster->getOverview().getChangeSeconds()));
  return kExitOk;
}

bool IsRunStateName(absl::string_view name) {
  for (int i = 0; i <= static_cast<int>(wire::RunState::SHUTDOWN); ++i) {
    if (absl::EqualsIgnoreCase(name, RunStateName(static_cast<wire::RunState>(i)))) return true;
  }
  return false;
}

absl::StatusOr<int> RunStateOf(Context& context) {
  for (const std::string& name : context.invocation().arguments) {
    if (IsRunStateName(name)) continue;
    context.Out(absl::StrCat("Invalid run state (", name, ")\n"));
    return kExitFailed;
  }
  CTDB_ASSIGN_OR_RETURN(auto reply, GetOverview(context));
  const wire::RunState state = reply.getOverview().getRunState();
  const absl::string_view current = RunStateName(state);
  bool wanted = context.invocation().arguments.empty();
  for (const std::string& name : context.invocation().arguments) {
    wanted = wanted || absl::EqualsIgnoreCase(name, current);
  }
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::RunState>();
    result.setNode(reply.getOverview().getNode());
    result.setRunState(state);
    context.PrintJson(result.asReader());
  } else if (wanted) {
    context.Out(absl::StrCat(current, "\n"));
  } else {
    context.Out(absl::StrCat("CTDB not in required run state (got ", current, ")\n"));
  }
  return wanted ? kExitOk : kExitFailed;
}

absl::StatusOr<int> GetPid(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(auto reply,
                        context.session().Call(context.session().master(node).statusRequest(),
                                               absl::StrCat("get the pid of node ", node.value())));
  if (context.invocation().json) {
    context.PrintJson(reply);
  } else {
    context.Out(absl::StrCat(reply.getStatus().getPid(), "\n"));
  }
  return kExitOk;
}

absl::StatusOr<int> Shutdown(Context& context) {
  Session& session = context.session();
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(Connection * connection, session.Open());
  const bool local = node == connection->address().node;
  const auto reply = session.Call(session.master(node).shutdownRequest(), "shut down");
  // The daemon's end can overtake its answer.
  if (!reply.ok() && !absl::IsUnavailable(reply.status())) {
    context.Err(absl::StrCat(reply.status().message(), "\n"));
    return absl::UnavailableError(absl::StrCat("Unable to shutdown node ", node.value()));
  }
  if (local) {
    // The daemon is gone when its socket closes.
    const absl::Status closed =
        connection->Run(context.invocation().time_limit, [] { return false; });
    if (absl::IsDeadlineExceeded(closed)) {
      return absl::DeadlineExceededError(
          absl::StrCat("Unable to shutdown node ", node.value(), " within ",
                       absl::FormatDuration(context.invocation().time_limit)));
    }
  }
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    context.PrintJson(message.initRoot<reply::Nothing>().asReader());
  }
  return kExitOk;
}

}  // namespace

std::vector<Command> NodeCommands() {
  return {
      {.name = "getpid",
       .arguments = "",
       .summary = "process id of the master daemon",
       .help = "Prints the process id of ctdbd on the node.",
       .examples = {{"ctdb getpid", "4711"}},
       .legacy = true,
       .handler = GetPid},
      {.name = "ping",
       .arguments = "",
       .summary = "ask a node for a sign of life",
       .help = "Sends a question to the node's master daemon, and prints how long the answer took "
               "and how many clients are connected there.",
       .examples = {{"ctdb ping -n 1", "response from 1 time=0.000212 sec  (7 clients)"}},
       .watch = true,
       .legacy = true,
       .handler = Ping},
      {.name = "pnn",
       .arguments = "",
       .summary = "number of the local node",
       .help = "Prints the number of the node that this command runs on: its place in the nodes "
               "file, counted from 0.",
       .examples = {{"ctdb pnn", "0"}},
       .scope = Scope::kLocalNode,
       .legacy = true,
       .handler = Pnn},
      {.name = "runstate",
       .arguments = "[STATE...]",
       .summary = "how far a node has come in starting",
       .help = "Prints INIT, SETUP, FIRST_RECOVERY, STARTUP, RUNNING or SHUTDOWN. With arguments "
               "it fails unless the state is one of them; their case does not matter.",
       .examples = {{"ctdb runstate", "RUNNING"},
                    {"ctdb runstate running", "CTDB not in required run state (got STARTUP)"}},
       .arguments_max = kAnyNumber,
       .watch = true,
       .legacy = true,
       .handler = RunStateOf},
      {.name = "shutdown",
       .arguments = "",
       .summary = "stop the daemons of a node",
       .help = "Tells the node's master daemon to end in good order. For the local node it waits "
               "until the daemon is gone, at most as long as -t says.",
       .examples = {{"ctdb shutdown", ""}, {"ctdb shutdown -n 2", ""}},
       .legacy = true,
       .handler = Shutdown},
      {.name = "uptime",
       .arguments = "",
       .summary = "since when a node runs",
       .help =
           "Prints the node's current time, when its master daemon started and when the cluster "
           "changed last, with their ages in days, hours, minutes and seconds, and how long "
           "that change took; a negative duration means that it still goes on. The last two "
           "lines are left out when no cluster service answers.",
       .examples = {{"ctdb uptime",
                     "Current time of node 2        :                Tue May  6 11:00:10 2031\n"
                     "Ctdbd start time              : (001 02:03:04) Mon May  5 08:57:06 2031\n"
                     "Time of last recovery/failover: (000 00:10:00) Tue May  6 10:50:10 2031\n"
                     "Duration of last recovery/failover: 0.251000 seconds"}},
       .watch = true,
       .legacy = true,
       .handler = Uptime},
  };
}

}  // namespace ctdb::cli
