// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// smbproxyd: the proxy for unmodified Samba as a process of its own, started by ctdbd or by hand.

#include <gflags/gflags.h>

#include "lib/base/status_macros.h"
#include "lib/base/version.h"
#include "lib/daemon/services/samba_server.h"
#include "lib/daemon/services/transport_setup.h"

int main(int argc, char** argv) {
  gflags::SetUsageMessage("\n\nLets unmodified Samba use this node's part of the cluster.");
  gflags::SetVersionString(ctdb::kSoftwareVersion);
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  return ctdb::daemon::Program::Run(
      {.name = "smbproxyd"}, [](ctdb::daemon::Program& program) -> absl::Status {
        CTDB_ASSIGN_OR_RETURN(const ctdb::daemon::NodeIdentity identity,
                              ctdb::daemon::IdentifyNode(program.config(), program.paths()));
        return ctdb::daemon::AddSambaDaemon(program, identity, /*transport=*/nullptr);
      });
}
