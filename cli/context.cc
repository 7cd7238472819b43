// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/context.h"

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/observe.h"
#include "cli/render/json.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

int RunOnce(Context& context) {
  const absl::StatusOr<int> result = context.command().handler(context);
  if (result.ok()) return *result;
  context.Err(absl::StrCat(result.status().message(), "\n"));
  const bool absent = context.session().daemon_absent();
  return absent && !context.command().legacy ? kExitUnavailable : kExitFailed;
}

// Everything that ends with a help text instead of a command's work.
int Explain(Context& context) {
  const Invocation& invocation = context.invocation();
  const bool asked_for = invocation.action != Invocation::Action::kNoCommand;
  if (invocation.command != nullptr) {
    const bool full = invocation.action == Invocation::Action::kHelp;
    context.Out(full ? CommandHelp(*invocation.command) : CommandUsage(*invocation.command));
  } else if (!invocation.arguments.empty()) {
    context.Out(GroupUsage(context.table(), invocation.arguments[0]));
  } else {
    context.Out(FullUsage(context.table()));
  }
  return asked_for ? kExitOk : kExitFailed;
}

}  // namespace

std::string Context::argument(size_t i) const {
  return i < invocation().arguments.size() ? invocation().arguments[i] : std::string();
}

void Context::Print(const Table& table) {
  Out(invocation().machine ? table.Machine(invocation().separator) : table.Human(colour()));
}

void Context::PrintJson(capnp::DynamicStruct::Reader reply) {
  Out(absl::StrCat(ToJson(reply), "\n"));
}

absl::StatusOr<NodeNumber> Context::TargetNode() {
  CTDB_ASSIGN_OR_RETURN(Connection * connection, session().Open());
  const NodeNumber local = connection->address().node;
  if (!invocation().node.has_value() || NodeNumber(*invocation().node) == local) return local;
  if (command().scope != Scope::kAnyNode) {
    return absl::InvalidArgumentError(
        absl::StrCat("Node cannot be specified for command ", command().name));
  }
  const uint32_t wanted = *invocation().node;
  CTDB_ASSIGN_OR_RETURN(
      auto reply, session().Call(session().transport(local).nodesRequest(), "list the nodes"));
  for (const auto node : reply.getNodes()) {
    if (node.getNumber() != wanted) continue;
    if (node.getDeleted()) {
      return absl::NotFoundError(absl::StrCat("Node ", wanted, " has status DELETED"));
    }
    if (!node.getConnected()) {
      return absl::UnavailableError(absl::StrCat("Node ", wanted, " has status DISCONNECTED"));
    }
    return NodeNumber(wanted);
  }
  return absl::NotFoundError(absl::StrCat("Node ", wanted, " does not exist"));
}

int RunCommand(Context& context) {
  const Invocation& invocation = context.invocation();
  if (invocation.action != Invocation::Action::kRun) return Explain(context);
  const int count = static_cast<int>(invocation.arguments.size());
  if (count < context.command().arguments_min || count > context.command().arguments_max) {
    context.Out(CommandUsage(context.command()));
    return kExitFailed;
  }
  if (!invocation.watch.has_value()) return RunOnce(context);
  while (true) {
    // Home, and clear what is below: less flicker than clearing everything first.
    if (context.environment().is_terminal) context.Out("\x1b[H\x1b[J");
    RunOnce(context);
    if (!context.environment().is_terminal) context.Out("\n");
    Pause(context.session(), *invocation.watch);
  }
}

}  // namespace ctdb::cli
