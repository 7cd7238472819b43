// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// exit_code: what the exit status of `ctdb` means. 0, 1, 22 and the bits of `nodestatus` are older
// than this program and must stay; the others come from the commands that it adds.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     an exit status has 8 bits.

#ifndef CLI_EXIT_CODE_H_
#define CLI_EXIT_CODE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctdb::cli {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,
  kExitBadNumber = 22,    // EINVAL
  kExitUnavailable = 69,  // EX_UNAVAILABLE of sysexits
  kExitNotInTime = 124,   // As timeout(1).
};

struct ExitCodeMeaning {
  int code;
  absl::string_view name;
  absl::string_view meaning;
};
const std::vector<ExitCodeMeaning>& ExitCodeTable();

// The table as text, with the bits of `nodestatus` and the status of `local onnode` explained.
std::string ExitCodeHelp();

}  // namespace ctdb::cli

#endif  // CLI_EXIT_CODE_H_
