// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ctdbd: the master daemon of a node.

#include <gflags/gflags.h>

#include <iostream>

#include "lib/base/version.h"
#include "lib/daemon/services/guardian_program.h"
#include "lib/daemon/services/node_program.h"

DEFINE_bool(interactive, false, "Stay in the foreground and log to standard error.");
DEFINE_bool(i, false, "The same as --interactive.");
DEFINE_bool(foreground, false, "Stay in the foreground, for a service manager.");
DEFINE_bool(guardian, false, "For ctdbd's own use: the process that outlives it.");

int main(int argc, char** argv) {
  gflags::SetUsageMessage("[-i|--interactive] [--foreground]\n\nThe master daemon of a CTDB node.");
  gflags::SetVersionString(ctdb::kSoftwareVersion);
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  if (argc > 1) {
    std::cerr << "ctdbd: unexpected argument \"" << argv[1] << "\"\n";
    gflags::ShowUsageWithFlagsRestrict(argv[0], "ctdbd.cc");
    return ctdb::daemon::ToInt(ctdb::daemon::ExitCode::kStartFailed);
  }
  if (FLAGS_guardian) return ctdb::daemon::RunGuardian();
  const bool is_interactive = FLAGS_interactive || FLAGS_i;
  ctdb::daemon::NodeProgram node;
  return ctdb::daemon::Program::Run({.name = "ctdbd",
                                     .is_foreground = is_interactive || FLAGS_foreground,
                                     .logs_to_stderr = is_interactive,
                                     .has_pid_file = true},
                                    [&](auto& program) { return node.Setup(program); });
}
