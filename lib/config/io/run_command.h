// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// run_command: runs a program and returns what it prints, within a time and a size.
//
//   Ownership:  values.
//   Threading:  may be called from several threads at once.
//   Errors:     InvalidArgument (no words), NotFound or PermissionDenied (cannot be started),
//               DeadlineExceeded (killed), ResourceExhausted (too much output).
//   Blocking:   YES, for up to time_limit and kReapLimit: call it on a helper thread, never on an
//               event loop.
//   Limits:     CommandOptions. A child that even SIGKILL does not end within kReapLimit (stuck in
//               the kernel) is left behind.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(std::string out, RunCommand({"/usr/bin/getnodes", "-4"}, {}));

#ifndef LIB_CONFIG_IO_RUN_COMMAND_H_
#define LIB_CONFIG_IO_RUN_COMMAND_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace ctdb::config {

inline constexpr absl::Duration kReapLimit = absl::Seconds(1);

struct CommandOptions {
  // Longer tolerates a slower command, shorter gives up on a hanging one sooner.
  absl::Duration time_limit = absl::Seconds(10);
  size_t output_bytes_max = size_t{1} << 20;
};

// The standard output until its end, whatever the exit status. words[0] is the program's path; no
// shell is involved. Standard input is empty, standard error is ours. The program gets a process
// group of its own, which is killed when a limit is reached.
absl::StatusOr<std::string> RunCommand(const std::vector<std::string>& words,
                                       const CommandOptions& options);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_IO_RUN_COMMAND_H_
