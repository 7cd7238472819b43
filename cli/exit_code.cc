// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/exit_code.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ctdb::cli {

const std::vector<ExitCodeMeaning>& ExitCodeTable() {
  static const auto* table = new std::vector<ExitCodeMeaning>{
      {kExitOk, "ok", "the command did what it was asked"},
      {kExitFailed, "failed",
       "the command failed, was used wrongly, or found no daemon; the reason is on stderr"},
      {kExitBadNumber, "bad number", "an argument that must be a number is none"},
      {kExitUnavailable, "unavailable",
       "no daemon answers (commands that older ctdb tools do not have)"},
      {kExitNotInTime, "not in time",
       "what \"wait\" or \"message listen\" waited for did not happen within --timeout"},
  };
  return *table;
}

std::string ExitCodeHelp() {
  std::string text = "Exit codes of ctdb:\n";
  for (const ExitCodeMeaning& row : ExitCodeTable()) {
    absl::StrAppendFormat(&text, "  %3d  %-12s %s\n", row.code, row.name, row.meaning);
  }
  absl::StrAppend(
      &text,
      "\n\"nodestatus\" exits with the sum of what is true of any of the nodes:\n"
      "  1 disconnected, 2 unhealthy, 4 disabled, 8 banned, 32 stopped, 64 unknown.\n"
      "\"local onnode\" exits with the status of the program that it ran last and that\n"
      "failed, or 0; 128 and the signal number when a signal ended it.\n");
  return text;
}

}  // namespace ctdb::cli
