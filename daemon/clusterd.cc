// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// clusterd: the cluster service as a process of its own, started by ctdbd or by hand.

#include <gflags/gflags.h>

#include "lib/base/status_macros.h"
#include "lib/base/version.h"
#include "lib/config/io/load.h"
#include "lib/daemon/services/cluster_server.h"
#include "lib/daemon/services/transport_setup.h"

int main(int argc, char** argv) {
  gflags::SetUsageMessage("\n\nDecides who is in the cluster and who leads it.");
  gflags::SetVersionString(ctdb::kSoftwareVersion);
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  return ctdb::daemon::Program::Run(
      {.name = "clusterd"}, [](ctdb::daemon::Program& program) -> absl::Status {
        CTDB_ASSIGN_OR_RETURN(const ctdb::daemon::NodeIdentity identity,
                              ctdb::daemon::IdentifyNode(program.config(), program.paths()));
        // The master daemon has said what is wrong with these files.
        return ctdb::daemon::AddClusterDaemon(program, identity, /*connect=*/{},
                                              ctdb::config::LoadTunables(program.paths()).tunables);
      });
}
