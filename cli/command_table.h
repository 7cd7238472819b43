// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// command_table: every command there is, each with its handler. The rows stand beside the handlers,
// one file per group in cli/commands; nothing is in the table that does not work.
//
//   Ownership:  built once, never destroyed.
//   Threading:  const.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_COMMAND_TABLE_H_
#define CLI_COMMAND_TABLE_H_

#include <vector>

#include "cli/command.h"

namespace ctdb::cli {

// Sorted by name.
const std::vector<Command>& CommandTable();

}  // namespace ctdb::cli

#endif  // CLI_COMMAND_TABLE_H_
