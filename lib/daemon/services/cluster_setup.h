// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_setup: the cluster service of a node from the node's configuration.
//
//   Ownership:  values.
//   Threading:  any thread.
//   Errors:     those of the nodes list; InvalidArgument for a cluster lock that makes no sense;
//               DataLoss for a damaged file of votes.
//   Blocking:   LoadClusterSetup() reads files.
//   Limits:     none of its own.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(ClusterSetup setup, LoadClusterSetup(config, paths, identity, tunables));

#ifndef LIB_DAEMON_SERVICES_CLUSTER_SETUP_H_
#define LIB_DAEMON_SERVICES_CLUSTER_SETUP_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/cluster/io/cluster_driver.h"
#include "lib/cluster/lock_setting.h"
#include "lib/config/config.h"
#include "lib/config/paths.h"
#include "lib/config/tunables.h"
#include "lib/daemon/services/transport_setup.h"

namespace ctdb::daemon {

struct ClusterSetup {
  cluster::ClusterDriver::Options driver;
  std::optional<cluster::LockCommand> lock_command;  // Nothing: no cluster lock.
  std::string rule;  // For people: "majority", "cluster lock", "two nodes".
  // What an administrator should know about it; "" when there is nothing.
  std::string risk;
};

absl::StatusOr<ClusterSetup> LoadClusterSetup(const config::Config& config,
                                              const config::Paths& paths,
                                              const NodeIdentity& identity,
                                              const config::Tunables& tunables);

// How often nodes say that they live, and when one that does not counts as dead.
cluster::PeerWatch::Options WatchOptions(const config::Tunables& tunables);

// The nodes list as the cluster service wants it.
absl::StatusOr<std::vector<cluster::ListedNode>> LoadListedNodes(const config::Config& config,
                                                                 const config::Paths& paths);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_CLUSTER_SETUP_H_
