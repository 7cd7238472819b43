// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// help: everything that explains the command line, made from the command table.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_HELP_H_
#define CLI_HELP_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/command.h"

namespace ctdb::cli {

// Options, an empty line, "Commands:", and a line per command.
std::string FullUsage(const std::vector<Command>& table);

// How the command line is built, and the lines of the commands that start with the word.
std::string GroupUsage(const std::vector<Command>& table, absl::string_view word);

// How the command line is built, and this command's line.
std::string CommandUsage(const Command& command);

// Everything about one command.
std::string CommandHelp(const Command& command);

// ctdb(1), in roff.
std::string ManPage(const std::vector<Command>& table);

// A script that bash sources.
std::string BashCompletion(const std::vector<Command>& table);

}  // namespace ctdb::cli

#endif  // CLI_HELP_H_
