// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// databased: the database service as a process of its own, started by ctdbd or by hand.

#include <gflags/gflags.h>

#include "lib/base/version.h"
#include "lib/daemon/services/database_server.h"

int main(int argc, char** argv) {
  gflags::SetUsageMessage("\n\nKeeps this node's databases and moves records between nodes.");
  gflags::SetVersionString(ctdb::kSoftwareVersion);
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  return ctdb::daemon::Program::Run({.name = "databased"}, [](ctdb::daemon::Program& program) {
    return ctdb::daemon::AddDatabaseDaemon(program, /*transport=*/nullptr);
  });
}
