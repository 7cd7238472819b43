// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// help, version.

#include "cli/help.h"

#include <capnp/message.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/groups.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/json.h"
#include "cli/replies.capnp.h"
#include "lib/base/nearest_name.h"
#include "lib/base/version.h"

namespace ctdb::cli {
namespace {

absl::StatusOr<int> Help(Context& context) {
  const Invocation& invocation = context.invocation();
  const std::vector<Command>& table = context.table();
  if (invocation.has("man")) {
    context.Out(ManPage(table));
  } else if (invocation.has("bash-completion")) {
    context.Out(BashCompletion(table));
  } else if (invocation.arguments.empty()) {
    context.Out(FullUsage(table));
  } else if (context.argument(0) == "exit-codes") {
    context.Out(ExitCodeHelp());
  } else if (const Command* command = FindCommand(table, invocation.arguments)) {
    context.Out(CommandHelp(*command));
  } else if (IsCommandGroup(table, context.argument(0))) {
    context.Out(GroupUsage(table, context.argument(0)));
  } else {
    const std::string name = absl::StrJoin(invocation.arguments, " ");
    std::vector<absl::string_view> names;
    for (const Command& row : table) names.push_back(row.name);
    return absl::NotFoundError(
        absl::StrCat("Unknown command '", name, "'", DidYouMean(name, names)));
  }
  return kExitOk;
}

absl::StatusOr<int> Version(Context& context) {
  if (!context.invocation().json) {
    context.Out(absl::StrCat(kSoftwareVersion, "\n"));
    return kExitOk;
  }
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<reply::Version>();
  result.setVersion(kSoftwareVersion);
  context.Out(ToJson(result.asReader()));  // Older tools print no final newline, either.
  return kExitOk;
}

}  // namespace

std::vector<Command> HelpCommands() {
  return {
      {.name = "help",
       .arguments = "[COMMAND|exit-codes]",
       .summary = "explain a command, or list them all",
       .help = "Explains a command with examples; \"help exit-codes\" explains the exit codes. "
               "Without an argument it lists all commands. It also writes the manual page and the "
               "completion for bash.",
       .options = {{"man", 0, "", "write the manual page ctdb(1), in roff"},
                   {"bash-completion", 0, "", "write a script that bash sources"}},
       .examples = {{"ctdb help --man | man -l -", ""},
                    {"source <(ctdb help --bash-completion)", ""},
                    {"ctdb help exit-codes", "Exit codes of ctdb:"}},
       .scope = Scope::kNoDaemon,
       .arguments_max = 2,
       .json = false,
       .handler = Help},
      {.name = "version",
       .arguments = "",
       .summary = "version of this tool",
       .help = "Prints the version of the ctdb command itself. What the daemons of the other nodes "
               "run is shown by \"links\".",
       .examples = {{"ctdb version", "0.1.0"},
                    {"ctdb version --json", "{\n  \"version\": \"0.1.0\"\n}"}},
       .scope = Scope::kNoDaemon,
       .legacy = true,
       .handler = Version},
  };
}

}  // namespace ctdb::cli
