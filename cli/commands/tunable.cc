// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// listvars, getvar, setvar.

#include <capnp/message.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/json.h"
#include "cli/render/text.h"
#include "cli/replies.capnp.h"
#include "lib/base/nearest_name.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

using TunablesReply = capnp::Response<wire::Master::ListTunablesResults>;

absl::StatusOr<TunablesReply> GetTunables(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  auto reply = context.session().Call(context.session().master(node).listTunablesRequest(),
                                      absl::StrCat("get the tunables of node ", node.value()));
  if (!reply.ok()) {
    context.Err(absl::StrCat("Failed to get list of variables from node ", node.value(), "\n"));
  }
  return reply;
}

std::string Line(absl::string_view name, uint32_t value) {
  return absl::StrFormat("%-26s = %u\n", Printable(name), value);
}

// Scripts look for this text on stdout; a hint must not disturb them.
int NoSuchTunable(Context& context, const std::string& name,
                  capnp::List<wire::Tunable>::Reader tunables) {
  context.Out(absl::StrCat("No such tunable ", name, "\n"));
  std::vector<absl::string_view> names;
  for (const auto tunable : tunables) names.push_back(View(tunable.getName()));
  const absl::string_view nearest = NearestName(name, names);
  if (!nearest.empty()) context.Err(absl::StrCat("Did you mean \"", nearest, "\"?\n"));
  return kExitFailed;
}

absl::StatusOr<int> ListVars(Context& context) {
  CTDB_ASSIGN_OR_RETURN(auto reply, GetTunables(context));
  if (context.invocation().json) {
    context.PrintJson(reply);
    return kExitOk;
  }
  for (const auto tunable : reply.getTunables()) {
    context.Out(Line(View(tunable.getName()), tunable.getValue()));
  }
  return kExitOk;
}

absl::StatusOr<int> GetVar(Context& context) {
  CTDB_ASSIGN_OR_RETURN(auto reply, GetTunables(context));
  const std::string name = context.argument(0);
  for (const auto tunable : reply.getTunables()) {
    if (!absl::EqualsIgnoreCase(View(tunable.getName()), name)) continue;
    if (context.invocation().json) {
      context.PrintJson(tunable);
    } else {
      context.Out(Line(name, tunable.getValue()));
    }
    return kExitOk;
  }
  return NoSuchTunable(context, name, reply.getTunables());
}

absl::StatusOr<int> SetVar(Context& context) {
  const std::optional<uint64_t> value = ParseNumber(context.argument(1));
  if (!value.has_value() || *value > UINT32_MAX) return kExitBadNumber;
  CTDB_ASSIGN_OR_RETURN(auto reply, GetTunables(context));
  const std::string name = context.argument(0);
  for (const auto tunable : reply.getTunables()) {
    if (!absl::EqualsIgnoreCase(View(tunable.getName()), name)) continue;
    CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
    auto request = context.session().master(node).setTunableRequest();
    request.setName(tunable.getName());
    request.setValue(static_cast<uint32_t>(*value));
    const auto done = context.session().Call(kj::mv(request),
                                             absl::StrCat("set ", name, " on node ", node.value()));
    CTDB_RETURN_IF_ERROR(done.status());
    if (context.invocation().json) {
      capnp::MallocMessageBuilder message;
      context.PrintJson(message.initRoot<reply::Nothing>().asReader());
    }
    return kExitOk;
  }
  return NoSuchTunable(context, name, reply.getTunables());
}

}  // namespace

std::vector<Command> TunableCommands() {
  return {
      {.name = "getvar",
       .arguments = "NAME",
       .summary = "value of a tunable",
       .help = "Prints the value that a tunable has on the node. The case of its name does not "
               "matter.",
       .examples = {{"ctdb getvar MonitorInterval", "MonitorInterval            = 15"}},
       .arguments_min = 1,
       .arguments_max = 1,
       .legacy = true,
       .handler = GetVar},
      {.name = "listvars",
       .arguments = "",
       .summary = "values of all tunables",
       .help = "Prints all tunables of the node with their values. The JSON form also has their "
               "defaults, units and meanings.",
       .examples = {{"ctdb listvars",
                     "SeqnumInterval             = 1000\n"
                     "ControlTimeout             = 60"}},
       .legacy = true,
       .handler = ListVars},
      {.name = "setvar",
       .arguments = "NAME VALUE",
       .summary = "change a tunable on one node",
       .help = "Sets a tunable on the node until its daemons are started again. To keep a value, "
               "write it to ctdb.tunables; to have it everywhere, set it on every node.",
       .examples = {{"ctdb setvar MonitorInterval 20", ""}},
       .arguments_min = 2,
       .arguments_max = 2,
       .legacy = true,
       .handler = SetVar},
  };
}

}  // namespace ctdb::cli
