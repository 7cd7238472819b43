// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transportd: the transport as a process of its own, started by ctdbd or by hand.

#include <gflags/gflags.h>

#include <memory>

#include "lib/base/status_macros.h"
#include "lib/base/version.h"
#include "lib/daemon/services/transport_server.h"
#include "lib/daemon/services/transport_setup.h"

int main(int argc, char** argv) {
  gflags::SetUsageMessage("\n\nRoutes packets between daemons, clients and nodes.");
  gflags::SetVersionString(ctdb::kSoftwareVersion);
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  std::unique_ptr<ctdb::TransportLoop> loop;
  return ctdb::daemon::Program::Run(
      {.name = "transportd"}, [&loop](ctdb::daemon::Program& program) -> absl::Status {
        CTDB_ASSIGN_OR_RETURN(const ctdb::daemon::NodeIdentity identity,
                              ctdb::daemon::IdentifyNode(program.config(), program.paths()));
        CTDB_ASSIGN_OR_RETURN(loop, ctdb::daemon::StartTransport(program.config(), program.paths(),
                                                                 identity, program.logger()));
        return ctdb::daemon::AddTransportDaemon(program, *loop);
      });
}
