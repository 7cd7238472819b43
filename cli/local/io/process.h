// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// process: starts, watches and signals processes of a local cluster.
//
//   Ownership:  started processes outlive this program.
//   Threading:  any thread.
//   Errors:     what the system says, with the program's name.
//   Blocking:   RunProgram() until the program ends.
//   Limits:     none.

#ifndef CLI_LOCAL_IO_PROCESS_H_
#define CLI_LOCAL_IO_PROCESS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/local/process_identity.h"

namespace ctdb::cli::local {

using EnvironmentVariables = std::vector<std::pair<std::string, std::string>>;

// What runs under this pid now; nothing when there is no such process or it has ended.
std::optional<ProcessStat> StatProcess(int pid);

// Whether the very process that was once seen still runs.
bool IsRunning(const ProcessIdentity& identity);

// Starts a program in a session of its own, with nothing on stdin and its output in a file, and
// gives its pid.
absl::StatusOr<int> StartProgram(const std::vector<std::string>& words,
                                 const EnvironmentVariables& variables,
                                 const std::string& output_file);

// The exit status when a child of this program has ended (128 and the signal number when a signal
// ended it); nothing while it runs.
std::optional<int> CollectChild(int pid);

// Runs a program with this one's input and output until it ends, and gives its exit status.
absl::StatusOr<int> RunProgram(const std::vector<std::string>& words,
                               const EnvironmentVariables& variables);

// Sends a signal; nothing happens when the process has ended. kGroup: to its whole group when it
// leads one.
enum class Receiver { kProcess, kGroup };
void SignalProcess(const ProcessIdentity& identity, int signal, Receiver receiver);

}  // namespace ctdb::cli::local

#endif  // CLI_LOCAL_IO_PROCESS_H_
