// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The ctdb command: reads its command line and its surroundings, and runs one row of the table.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/command_table.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/io/connect.h"
#include "cli/io/run_limit.h"
#include "cli/io/surroundings.h"
#include "lib/base/version.h"

namespace ctdb::cli {
namespace {

int Main(const std::vector<std::string>& arguments) {
  StandardTerminal terminal;
  const auto environment = ReadSurroundings();
  if (!environment.ok()) {
    terminal.Err(absl::StrCat(environment.status().message(), "\n"));
    return kExitFailed;
  }
  const std::vector<Command>& table = CommandTable();
  const auto invocation = ParseCommandLine(arguments, *environment, table);
  if (!invocation.ok()) {
    terminal.Err(absl::StrCat(invocation.status().message(), "\n"));
    return kExitFailed;
  }
  LimitRunTime(invocation->run_limit);
  Session session(ConnectToDaemon, {.socket_path = invocation->socket,
                                    .software = absl::StrCat("ctdb ", kSoftwareVersion),
                                    .timeout = invocation->time_limit});
  Context context({*invocation, *environment, table, terminal, session});
  return RunCommand(context);
}

}  // namespace
}  // namespace ctdb::cli

int main(int argc, char** argv) {
  return ctdb::cli::Main(std::vector<std::string>(argv + 1, argv + argc));
}
