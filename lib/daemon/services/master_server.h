// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// master_server: the master daemon's control interface (capnp/master.capnp): the node as a whole.
//
//   Ownership:  copies configuration and tunables; `processes` and `run_state` must stay callable.
//   Threading:  belongs to the event loop's thread.
//   Errors:     setTunable: InvalidArgument for an unknown name, with the nearest known one.
//   Blocking:   never.
//   Limits:     none of its own.
//
// Example:
//   .make = [&](DaemonContext& context) { return kj::heap<MasterServer>(context, options); }

#ifndef LIB_DAEMON_SERVICES_MASTER_SERVER_H_
#define LIB_DAEMON_SERVICES_MASTER_SERVER_H_

#include <functional>
#include <string>
#include <vector>

#include "capnp/master.capnp.h"
#include "lib/config/config.h"
#include "lib/config/paths.h"
#include "lib/config/tunables.h"
#include "lib/daemon/io/daemon_host.h"
#include "lib/daemon/services/cluster_follower.h"

namespace ctdb::daemon {

struct ProcessStatus {
  std::string name;
  uint32_t pid = 0;
  std::string state;
  absl::Time start_time = absl::UnixEpoch();
  uint32_t restart_count = 0;
  std::string last_exit = {};
  bool is_in_master = false;
};

class MasterServer final : public virtual wire::Master::Server, public ControlServer {
 public:
  struct Options {
    std::string process_model;  // "single" or "multi"
    config::Config config;
    config::Paths paths;
    config::Tunables tunables;
    std::function<wire::RunState()> run_state;
    std::function<std::vector<ProcessStatus>()> processes;
    // Every change of this node that its cluster service tells of; may be empty.
    ClusterFollower::OnChange on_own_change;
  };

  MasterServer(DaemonContext& context, Options options);

  kj::Promise<void> overview(OverviewContext context) override;
  kj::Promise<void> config(ConfigContext context) override;
  kj::Promise<void> listTunables(ListTunablesContext context) override;
  kj::Promise<void> setTunable(SetTunableContext context) override;

 private:
  wire::Cluster::Client ClusterService();

  Options options_;
  kj::Own<ClusterFollower> follower_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_MASTER_SERVER_H_
