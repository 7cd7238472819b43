// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// smbproxyd: the proxy for unmodified Samba as a process of its own, started by ctdbd or by hand.

#include <gflags/gflags.h>

#include "lib/base/version.h"
#include "lib/daemon/services/samba_server.h"

int main(int argc, char** argv) {
  gflags::SetUsageMessage("\n\nLets unmodified Samba use this node's part of the cluster.");
  gflags::SetVersionString(ctdb::kSoftwareVersion);
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  return ctdb::daemon::Program::Run({.name = "smbproxyd"}, [](ctdb::daemon::Program& program) {
    return ctdb::daemon::AddSambaDaemon(program, nullptr);
  });
}
