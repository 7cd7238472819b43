// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// command_line: the programs ctdb-config and ctdb-path, which scripts of sites call, as functions
// from their arguments to what they print. Texts and exit codes are those of CTDB.
//
//   Ownership:  values.
//   Threading:  pure functions, as far as the FileProbe is.
//   Errors:     in the result: its text for standard error and its exit code, which is 1 for a
//               wrong command and otherwise the errno value of the failure.
//   Blocking:   as the FileProbe does.
//   Limits:     none.
//
// Example:
//   CommandResult result = RunPathCommand({"pidfile", "ctdbd"}, environment);
//   result.out;  // "/run/ctdb/ctdbd.pid\n"

#ifndef LIB_CONFIG_COMMAND_LINE_H_
#define LIB_CONFIG_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/config/paths.h"
#include "lib/config/validate.h"

namespace ctdb::config {

struct CommandResult {
  int exit_code = 0;
  std::string out;
  std::string err;
};

// `file_text` is what paths.ConfigFile() holds, NotFound when there is no such file.
CommandResult RunConfigCommand(const std::vector<std::string>& arguments, const Paths& paths,
                               const FileProbe& probe,
                               const absl::StatusOr<std::string>& file_text);

CommandResult RunPathCommand(const std::vector<std::string>& arguments,
                             const Environment& environment);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_COMMAND_LINE_H_
