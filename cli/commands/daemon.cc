// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What every daemon of a node can be asked: log level, statistics; and which processes there are.

#include <capnp/message.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands/daemons.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/text.h"
#include "cli/replies.capnp.h"
#include "lib/base/log_level.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

absl::StatusOr<int> GetDebug(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(auto reply,
                        context.session().Call(context.session().master(node).getLogLevelRequest(),
                                               "get the log level"));
  if (context.invocation().json) {
    context.PrintJson(reply);
  } else {
    context.Out(absl::StrCat(Printable(View(reply.getLevel())), "\n"));
  }
  return kExitOk;
}

absl::StatusOr<int> SetDebug(Context& context) {
  const std::string wanted = context.argument(0);
  const absl::StatusOr<LogLevel> level = ParseLogLevel(wanted);
  if (!level.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("Invalid debug level '", wanted,
                                                   "'. Valid levels are:\n",
                                                   "\tERROR | WARNING | NOTICE | INFO | DEBUG"));
  }
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const auto daemons, Daemons(context, node));
  for (const ServiceId daemon : daemons) {
    auto request = Control(context, node, daemon).setLogLevelRequest();
    request.setLevel(std::string(LogLevelName(*level)).c_str());
    const auto reply = context.session().Call(
        kj::mv(request), absl::StrCat("set the log level of ", ServiceName(daemon)));
    CTDB_RETURN_IF_ERROR(reply.status());
  }
  PrintNothing(context);
  return kExitOk;
}

// One daemon's counters, or those of all.
absl::StatusOr<std::set<ServiceId>> ChosenDaemons(Context& context, NodeNumber node) {
  if (context.argument(0).empty()) return Daemons(context, node);
  CTDB_ASSIGN_OR_RETURN(const ServiceId service, ParseService(context.argument(0)));
  return std::set<ServiceId>{service};
}

std::string StatisticsText(ServiceId daemon, wire::DaemonControl::StatisticsResults::Reader reply,
                           const Context& context) {
  size_t width = 0;
  for (const auto counter : reply.getCounters()) width = std::max(width, counter.getName().size());
  std::string text = absl::StrFormat("%s, since %s %s\n", ServiceName(daemon),
                                     AgeInDays(reply.getNow() - reply.getSince()),
                                     CalendarTime(reply.getSince(), context.environment().zone));
  for (const auto counter : reply.getCounters()) {
    absl::StrAppendFormat(&text, " %-*s %14u", static_cast<int>(width),
                          Printable(View(counter.getName())), counter.getValue());
    if (context.invocation().verbose && counter.getMeaning().size() > 0) {
      absl::StrAppend(&text, "  ", Printable(View(counter.getMeaning())));
    }
    text += "\n";
  }
  return text;
}

void PrintStatistics(Context& context, NodeNumber node,
                     const std::vector<std::pair<ServiceId, StatisticsReply>>& replies) {
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Statistics>();
    result.setNode(node.value());
    auto daemons = result.initDaemons(replies.size());
    for (size_t i = 0; i < replies.size(); ++i) {
      daemons[i].setName(ServiceName(replies[i].first).c_str());
      daemons[i].setSince(replies[i].second.getSince());
      daemons[i].setNow(replies[i].second.getNow());
      daemons[i].setCounters(replies[i].second.getCounters());
    }
    context.PrintJson(result.asReader());
  } else if (context.invocation().machine) {
    Table table({{"Daemon", "Daemon"}, {"Counter", "Counter"}, {"Value", "Value"}});
    for (const auto& [daemon, reply] : replies) {
      for (const auto counter : reply.getCounters()) {
        table.AddRow({ServiceName(daemon), String(counter.getName()), counter.getValue()});
      }
    }
    context.Print(table);
  } else {
    absl::string_view gap = "";
    for (const auto& [daemon, reply] : replies) {
      context.Out(absl::StrCat(gap, StatisticsText(daemon, reply, context)));
      gap = "\n";
    }
  }
}

absl::StatusOr<int> Statistics(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const auto daemons, ChosenDaemons(context, node));
  std::vector<std::pair<ServiceId, StatisticsReply>> replies;
  absl::Status failure = absl::OkStatus();
  for (const ServiceId daemon : daemons) {
    auto reply = GetStatistics(context, node, daemon);
    if (!reply.ok()) {
      failure.Update(reply.status());
      continue;
    }
    replies.emplace_back(daemon, kj::mv(*reply));
  }
  PrintStatistics(context, node, replies);
  if (!failure.ok()) return failure;
  return kExitOk;
}

absl::StatusOr<int> StatisticsReset(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const auto daemons, ChosenDaemons(context, node));
  for (const ServiceId daemon : daemons) {
    const auto reply =
        context.session().Call(Control(context, node, daemon).resetStatisticsRequest(),
                               absl::StrCat("reset the statistics of ", ServiceName(daemon)));
    CTDB_RETURN_IF_ERROR(reply.status());
  }
  PrintNothing(context);
  return kExitOk;
}

absl::StatusOr<int> ProcessList(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(auto reply, context.session().Call(
                                        context.session().master(node).overviewRequest(),
                                        absl::StrCat("list the processes of node ", node.value())));
  if (context.invocation().json) {
    context.PrintJson(reply);
  } else {
    const auto overview = reply.getOverview();
    context.Print(ProcessTable(overview.getProcesses(), overview.getCurrentTime()));
  }
  return kExitOk;
}

}  // namespace

std::vector<Command> DaemonCommands() {
  return {
      {.name = "getdebug",
       .arguments = "",
       .summary = "log level of a node's daemons",
       .help = "Prints the level up to which the node's master daemon logs.",
       .examples = {{"ctdb getdebug", "NOTICE"}},
       .legacy = true,
       .handler = GetDebug},
      {.name = "process list",
       .arguments = "",
       .summary = "the daemons of a node as processes",
       .help = "Lists the node's daemons with process id, state, how often they were started again "
               "and why they ended last.",
       .examples = {{"ctdb process list",
                     "Process     Pid  State    Since  Restarts  Last exit\n"
                     "ctdbd      4711  running  2h 5m         0\n"
                     "transportd 4713  running  2h 5m         1  signal 9"}},
       .machine = true,
       .watch = true,
       .handler = ProcessList},
      {.name = "setdebug",
       .arguments = "LEVEL",
       .summary = "change the log level of a node's daemons",
       .help = "Sets up to which level all daemons of the node log, until they are started again: "
               "ERROR, WARNING, NOTICE, INFO, DEBUG, the start of one of these, or a number from 0 "
               "to 10.",
       .examples = {{"ctdb setdebug INFO", ""}, {"ctdb setdebug 10 -n 1", ""}},
       .arguments_min = 1,
       .arguments_max = 1,
       .legacy = true,
       .handler = SetDebug},
      {.name = "statistics",
       .arguments = "[DAEMON]",
       .summary = "what a node's daemons counted",
       .help = "Prints the counters of every daemon of the node, or of the one named: master, "
               "transport, and so on. With -v also what each counter means.",
       .examples = {{"ctdb statistics transport",
                     "transport, since (000 02:05:10) Tue May  6 08:55:00 2031\n"
                     " router.packets_routed          18423"}},
       .arguments_max = 1,
       .machine = true,
       .watch = true,
       .legacy = true,
       .handler = Statistics},
      {.name = "statisticsreset",
       .arguments = "[DAEMON]",
       .summary = "start counting from zero",
       .help = "Sets the counters of every daemon of the node to zero, or those of the one named.",
       .examples = {{"ctdb statisticsreset", ""}},
       .arguments_max = 1,
       .legacy = true,
       .handler = StatisticsReset},
  };
}

}  // namespace ctdb::cli
