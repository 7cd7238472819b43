// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// databased: the database service as a process of its own, started by ctdbd or by hand.

#include <gflags/gflags.h>

#include "lib/base/version.h"
#include "lib/config/io/load.h"
#include "lib/daemon/services/database_server.h"

int main(int argc, char** argv) {
  gflags::SetUsageMessage("\n\nKeeps this node's databases and moves records between nodes.");
  gflags::SetVersionString(ctdb::kSoftwareVersion);
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  return ctdb::daemon::Program::Run({.name = "databased"}, [](ctdb::daemon::Program& program) {
    // The master daemon has said what is wrong with these files.
    return ctdb::daemon::AddDatabaseDaemon(program, /*transport=*/nullptr,
                                           ctdb::config::LoadTunables(program.paths()).tunables);
  });
}
