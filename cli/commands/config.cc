// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// listnodes, config show, config check, config dump.

#include <capnp/message.h>

#include "absl/strings/str_cat.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"
#include "lib/config/io/load.h"
#include "lib/config/render.h"

namespace ctdb::cli {
namespace {

using NodeEntries = std::vector<config::NodeEntry>;

absl::StatusOr<NodeEntries> LoadNodesFile(Context& context) {
  const config::Paths& paths = context.environment().paths;
  CTDB_ASSIGN_OR_RETURN(const config::Config settings,
                        config::LoadConfig(paths, config::Strictness::kLenient));
  if (!settings.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(settings.status().message(), "\nFailed to load configuration"));
  }
  absl::StatusOr<NodeEntries> nodes = config::LoadNodes(settings, paths);
  if (nodes.ok()) return nodes;
  return absl::Status(nodes.status().code(),
                      absl::StrCat(nodes.status().message(), "\nFailed to read nodes from \"",
                                   config::NodesSource(settings, paths), "\""));
}

absl::StatusOr<int> ListNodes(Context& context) {
  CTDB_ASSIGN_OR_RETURN(NodeEntries nodes, LoadNodesFile(context));
  std::erase_if(nodes, [](const config::NodeEntry& node) { return node.is_deleted; });
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::NodesFile>();
    auto entries = result.initNodes(nodes.size());
    for (size_t i = 0; i < nodes.size(); ++i) {
      entries[i].setNode(nodes[i].number.value());
      entries[i].setAddress(nodes[i].address.ToString().c_str());
    }
    context.PrintJson(result.asReader());
    return kExitOk;
  }
  for (const config::NodeEntry& node : nodes) {
    const std::string address = node.address.ToString();
    context.Out(context.invocation().machine
                    ? MachineRow({absl::StrCat(node.number.value()), address},
                                 context.invocation().separator)
                    : absl::StrCat(address, "\n"));
  }
  return kExitOk;
}

absl::StatusOr<int> ConfigShow(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(
      auto reply,
      context.session().Call(context.session().master(node).configRequest(),
                             absl::StrCat("get the configuration of node ", node.value())));
  if (context.invocation().json) {
    context.PrintJson(reply);
    return kExitOk;
  }
  Table table({{"Section", "Section"},
               {"Option", "Option"},
               {"Value", "Value"},
               {"Unit", "Unit"},
               {"Origin", "Origin"}});
  for (const auto option : reply.getOptions()) {
    const bool is_default = View(option.getOrigin()) == "default";
    table.AddRow({String(option.getSection()), String(option.getName()), String(option.getValue()),
                  String(option.getUnit()),
                  Cell(String(option.getOrigin()), is_default ? Tone::kWeak : Tone::kPlain)});
  }
  context.Print(table);
  return kExitOk;
}

// One line for each thing that is wrong with any of the files.
std::vector<std::string> FindProblems(const config::Paths& paths) {
  std::vector<std::string> lines;
  const auto settings = config::LoadConfig(paths, config::Strictness::kStrict);
  if (!settings.ok()) {
    lines.push_back(std::string(settings.status().message()));
  } else {
    for (const config::Problem& problem : settings->problems()) {
      lines.push_back(config::Describe(problem));
    }
  }
  const auto nodes = config::LoadNodes(settings.ok() ? *settings : config::Config(paths), paths);
  if (!nodes.ok()) lines.push_back(std::string(nodes.status().message()));
  for (const config::Problem& problem : config::LoadTunables(paths).problems) {
    lines.push_back(config::Describe(problem));
  }
  return lines;
}

absl::StatusOr<int> ConfigCheck(Context& context) {
  const std::vector<std::string> problems = FindProblems(context.environment().paths);
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::ConfigCheck>();
    result.setValid(problems.empty());
    auto list = result.initProblems(problems.size());
    for (size_t i = 0; i < problems.size(); ++i) list.set(i, problems[i].c_str());
    context.PrintJson(result.asReader());
  } else {
    for (const std::string& problem : problems) context.Err(absl::StrCat(problem, "\n"));
  }
  return problems.empty() ? kExitOk : kExitFailed;
}

absl::StatusOr<int> ConfigDump(Context& context) {
  const config::Paths& paths = context.environment().paths;
  CTDB_ASSIGN_OR_RETURN(const config::Config settings,
                        config::LoadConfig(paths, config::Strictness::kLenient));
  CTDB_RETURN_IF_ERROR(settings.status());
  if (!context.invocation().json) {
    context.Out(config::RenderDump(settings));
    return kExitOk;
  }
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<wire::Master::ConfigResults>();
  const auto rows = config::OptionRows(settings, paths);
  auto options = result.initOptions(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    options[i].setSection(std::string(rows[i].section).c_str());
    options[i].setName(std::string(rows[i].option).c_str());
    options[i].setValue(rows[i].value.c_str());
    options[i].setDefaultValue(rows[i].default_value.c_str());
    options[i].setOrigin(rows[i].origin.c_str());
    options[i].setUnit(std::string(rows[i].unit).c_str());
    options[i].setReloadable(rows[i].reloadable);
    options[i].setDocumentation(std::string(rows[i].doc).c_str());
  }
  context.PrintJson(result.asReader());
  return kExitOk;
}

}  // namespace

std::vector<Command> ConfigCommands() {
  return {
      {.name = "config check",
       .arguments = "",
       .summary = "look for mistakes in the configuration files",
       .help = "Reads ctdb.conf, the nodes list and the tunables as a starting daemon would, but "
               "stricter, and prints a line for everything that is wrong. Silent, with exit code "
               "0, when nothing is.",
       .examples = {{"ctdb config check", ""}},
       .scope = Scope::kNoDaemon,
       .handler = ConfigCheck},
      {.name = "config dump",
       .arguments = "",
       .summary = "all options as ctdb.conf has them",
       .help = "Prints all options in the form of ctdb.conf, those at their default as comments. "
               "This is what the files say; what a running daemon uses is shown by \"config "
               "show\".",
       .examples = {{"ctdb config dump", "[logging]\n\tlocation = syslog\n\t# log level = NOTICE"}},
       .scope = Scope::kNoDaemon,
       .handler = ConfigDump},
      {.name = "config show",
       .arguments = "",
       .summary = "the configuration a node runs with",
       .help = "Lists the options that the node's daemons use now, each with its value and where "
               "it comes from: a line of a file, or the default.",
       .examples = {{"ctdb config show",
                     "Section  Option     Value   Unit  Origin\n"
                     "logging  location   syslog        /etc/ctdb/ctdb.conf:2\n"
                     "logging  log level  NOTICE        default"}},
       .machine = true,
       .handler = ConfigShow},
      {.name = "listnodes",
       .arguments = "",
       .summary = "addresses in the nodes list",
       .help = "Prints the addresses of the nodes as the nodes list has them, without asking a "
               "daemon. With -X each has its number. Deleted nodes are left out.",
       .examples = {{"ctdb listnodes", "10.7.0.1\n10.7.0.2"},
                    {"ctdb listnodes -X", "|0|10.7.0.1|\n|1|10.7.0.2|"}},
       .scope = Scope::kNoDaemon,
       .machine = true,
       .legacy = true,
       .handler = ListNodes},
  };
}

}  // namespace ctdb::cli
