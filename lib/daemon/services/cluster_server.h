// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_server: the cluster service's interface (capnp/cluster.capnp) and the daemon that offers
// it, on a thread of its own so that nothing delays its keepalives.
//
//   Ownership:  the program owns the daemon.
//   Threading:  ClusterServer belongs to its thread's event loop.
//   Errors:     InvalidArgument for a ban of no time or a nodes list that takes away what is there;
//               FailedPrecondition for what only the leader can do, with who that is.
//   Blocking:   never; lists of nodes are read on a helper thread.
//   Limits:     those of the driver and the feed.
//
// Example:
//   CTDB_RETURN_IF_ERROR(AddClusterDaemon(program, identity, connect, tunables));

#ifndef LIB_DAEMON_SERVICES_CLUSTER_SERVER_H_
#define LIB_DAEMON_SERVICES_CLUSTER_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "capnp/cluster.capnp.h"
#include "lib/base/io/worker.h"
#include "lib/cluster/io/cluster_driver.h"
#include "lib/cluster/io/lock_driver.h"
#include "lib/daemon/io/daemon_host.h"
#include "lib/daemon/io/program.h"
#include "lib/daemon/services/change_feed.h"
#include "lib/daemon/services/cluster_setup.h"
#include "lib/daemon/services/transport_setup.h"
#include "lib/daemon/services/view_feed.h"

namespace ctdb::daemon {

class ClusterServer final : public virtual wire::Cluster::Server,
                            public ControlServer,
                            private cluster::ClusterDriver::Listener,
                            private cluster::ClusterLock {
 public:
  struct Options {
    ClusterSetup setup;
    config::Tunables tunables;
    // Called on the helper thread.
    std::function<absl::StatusOr<std::vector<cluster::ListedNode>>()> load_nodes;
  };

  ClusterServer(DaemonContext& context, Options options);
  ~ClusterServer() noexcept override;

  // Says goodbye: a leader steps down, the others take this node out of the view; done when they
  // have, or after kLeaveLimit.
  static constexpr kj::Duration kLeaveLimit = 1 * kj::SECONDS;
  kj::Promise<void> Leave();

  kj::Promise<void> overview(OverviewContext context) override;
  kj::Promise<void> stop(StopContext context) override;
  kj::Promise<void> continue_(ContinueContext context) override;
  kj::Promise<void> disable(DisableContext context) override;
  kj::Promise<void> enable(EnableContext context) override;
  kj::Promise<void> ban(BanContext context) override;
  kj::Promise<void> unban(UnbanContext context) override;
  kj::Promise<void> setRoles(SetRolesContext context) override;
  kj::Promise<void> setHealth(SetHealthContext context) override;
  kj::Promise<void> why(WhyContext context) override;
  kj::Promise<void> subscribe(SubscribeContext context) override;
  kj::Promise<void> nodesFile(NodesFileContext context) override;
  kj::Promise<void> prepareNodes(PrepareNodesContext context) override;
  kj::Promise<void> commitNodes(CommitNodesContext context) override;
  kj::Promise<void> blame(BlameContext context) override;
  kj::Promise<void> recover(RecoverContext context) override;
  kj::Promise<void> tunableChanged(TunableChangedContext context) override;
  kj::Promise<void> follow(FollowContext context) override;
  kj::Promise<void> settled(SettledContext context) override;

 private:
  std::vector<CounterLine> Counters() override;
  void ResetCounters() override { driver_.ResetCounters(); }

  void OnChange(const cluster::Change& change) override;
  void OnCompareNodes(NodeNumber node) override;
  void OnTrouble(const absl::Status& status) override;
  void OnPumped() override;
  void OnBadPacket(const Address& source, const absl::Status& status) override;
  void Take() override { lock_->Take(); }
  void Release() override { lock_->Release(); }

  cluster::Membership& membership() { return driver_.membership(); }
  template <typename Context>
  kj::Promise<void> Order(Context context,
                          bool (cluster::Membership::*order)(absl::string_view, Instant));
  wire::Cluster::Client PeerService(NodeNumber node);
  void WatchPeer(NodeNumber node);
  void CompareClocks(NodeNumber node, absl::Time theirs, absl::Duration round_trip);
  void OnLockAnswer(const cluster::LockClient::Answer& answer);
  void AdvanceRunState();
  bool HasLeft();
  void WriteNode(const cluster::ListedNode& node, wire::NodeReport::Builder out);
  kj::Promise<void> ReloadTransport();

  Options options_;
  Worker worker_;
  cluster::ClusterDriver driver_;
  kj::Own<cluster::LockDriver> lock_;  // Null when the rule is another.
  ChangeFeed feed_;
  ViewFeed view_feed_;
  Instant prepared_at_{};  // When the next nodes list began to count beside the present one.
  std::map<NodeNumber, std::string> list_differences_;
  std::map<NodeNumber, std::string> clock_differences_;
  kj::Own<kj::PromiseFulfiller<void>> left_;
  absl::Time last_bad_packet_logged_ = absl::InfinitePast();
};

// Adds the daemon "clusterd" to the program. `connect`: to this node's transport; empty: its
// socket. `parting_token`: what a guardian of this node knows (cluster::Alive).
absl::Status AddClusterDaemon(Program& program, const NodeIdentity& identity,
                              std::function<absl::StatusOr<UniqueFd>()> connect,
                              const config::Tunables& tunables, uint64_t parting_token = 0);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_CLUSTER_SERVER_H_
