// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/cluster_setup.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/system_random.h"
#include "lib/base/status_macros.h"
#include "lib/cluster/io/ballot_file.h"

namespace ctdb::daemon {
namespace {

absl::Duration Seconds(const config::Tunables& tunables, config::Tunable tunable) {
  return absl::Seconds(tunables.Get(tunable));
}

std::vector<cluster::ListedNode> ToListed(const std::vector<TransportNode>& nodes) {
  std::vector<cluster::ListedNode> listed;
  for (const TransportNode& node : nodes) {
    listed.push_back({node.number, node.address, node.is_deleted});
  }
  return listed;
}

size_t NodeCount(const std::vector<cluster::ListedNode>& nodes) {
  return static_cast<size_t>(
      std::count_if(nodes.begin(), nodes.end(), [](const auto& node) { return !node.is_deleted; }));
}

void ChooseRule(const config::Config& config, ClusterSetup* setup) {
  auto& election = setup->driver.engine.election;
  setup->rule = "majority";
  if (setup->lock_command.has_value()) {
    election.rule = cluster::Election::Rule::kLock;
    setup->rule = "cluster lock";
  } else if (config.GetBoolean("cluster", "two nodes") && NodeCount(setup->driver.nodes) == 2) {
    election.continues_alone = true;
    setup->rule = "two nodes";
    setup->risk =
        "\"two nodes\" is set: when the connection between the nodes is lost, both go on, and what "
        "one of them changes is lost when they meet again. A cluster lock avoids that";
  } else if (NodeCount(setup->driver.nodes) == 2) {
    setup->risk =
        "Two nodes without a cluster lock: when one is lost, the other one stops. Set \"cluster "
        "lock\" in ctdb.conf, add a node, or, accepting the risk, set \"two nodes\"";
  }
}

}  // namespace

absl::StatusOr<ClusterSetup> LoadClusterSetup(const config::Config& config,
                                              const config::Paths& paths,
                                              const NodeIdentity& identity,
                                              const config::Tunables& tunables) {
  ClusterSetup setup;
  setup.driver.nodes = ToListed(identity.nodes);
  std::string lock = config.GetString("cluster", "cluster lock");
  if (lock.empty()) lock = config.GetString("cluster", "recovery lock");
  // Where our own helper is matters only to those who want it.
  std::string helpers;
  if (!lock.empty() && lock[0] != '!') {
    CTDB_ASSIGN_OR_RETURN(helpers, paths.HelperDir());
  }
  CTDB_ASSIGN_OR_RETURN(setup.lock_command, cluster::ParseLockSetting(lock, helpers));

  auto& engine = setup.driver.engine;
  engine.watch = WatchOptions(tunables);
  engine.incarnation = std::max<uint64_t>(SystemRandom(), 1);
  engine.seed = SystemRandom();
  engine.election.local = identity.local;
  engine.election.leader_timeout = absl::Seconds(config.GetInteger("cluster", "leader timeout"));

  auto& membership = setup.driver.membership;
  membership.local = identity.local;
  membership.incarnation = engine.incarnation;
  membership.may_lead = config.GetBoolean("cluster", "leader capability");
  membership.may_be_home = config.GetBoolean("legacy", "lmaster capability");
  if (config.GetBoolean("legacy", "start as stopped")) membership.flags |= cluster::kStopped;
  if (config.GetBoolean("legacy", "start as disabled")) membership.flags |= cluster::kDisabled;
  membership.cluster_lock = lock;
  membership.settles_at_once = false;  // The database service says when.
  membership.ban_period = Seconds(tunables, config::Tunable::kRecoveryBanPeriod);
  membership.blame_period = Seconds(tunables, config::Tunable::kRecoveryGracePeriod);
  membership.bans_are_enabled = tunables.Get(config::Tunable::kEnableBans) != 0;

  const std::string& directory = config.GetString("database", "state database directory");
  setup.driver.ballot_path = absl::StrCat(directory, "/ballot");
  CTDB_ASSIGN_OR_RETURN(setup.driver.promised, cluster::LoadBallot(setup.driver.ballot_path));
  ChooseRule(config, &setup);
  return setup;
}

cluster::PeerWatch::Options WatchOptions(const config::Tunables& tunables) {
  cluster::PeerWatch::Options options;
  options.interval =
      std::max(Seconds(tunables, config::Tunable::kKeepaliveInterval), absl::Seconds(1));
  const uint32_t limit = std::max(tunables.Get(config::Tunable::kKeepaliveLimit), 1u);
  // Half an interval more, so that a keepalive that is a bit late still counts.
  options.silence_limit = options.interval * (limit + 0.5);
  return options;
}

absl::StatusOr<std::vector<cluster::ListedNode>> LoadListedNodes(const config::Config& config,
                                                                 const config::Paths& paths) {
  CTDB_ASSIGN_OR_RETURN(const std::vector<TransportNode> nodes, LoadTransportNodes(config, paths));
  return ToListed(nodes);
}

}  // namespace ctdb::daemon
