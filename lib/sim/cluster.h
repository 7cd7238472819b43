// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster: a whole simulated cluster: hosts with clocks, disks and processes, the network between
// them, and the cluster lock.
//
//   Ownership:  owns all of it.
//   Threading:  not thread-safe; several may run in threads of their own.
//   Errors:     none.
//   Blocking:   RunFor() runs until then.
//   Limits:     4096 nodes.
//
// Example:
//   Cluster cluster({.nodes = 3, .seed = 7});
//   cluster.RunFor(absl::Seconds(10));
//   EXPECT_TRUE(cluster.node(NodeNumber(0))->engine().leader().has_value());

#ifndef LIB_SIM_CLUSTER_H_
#define LIB_SIM_CLUSTER_H_

#include <functional>
#include <memory>
#include <vector>

#include "lib/cluster/builtin_engine.h"
#include "lib/sim/disk.h"
#include "lib/sim/guardian.h"
#include "lib/sim/lock_service.h"
#include "lib/sim/network.h"
#include "lib/sim/node.h"
#include "lib/sim/process.h"
#include "lib/sim/trace.h"
#include "lib/sim/world.h"

namespace ctdb::sim {

class Cluster {
 public:
  struct Options {
    int nodes = 3;
    int spares = 0;  // More hosts, which no nodes list has yet.
    uint64_t seed = 1;
    cluster::Election::Options election = {};  // `local` is filled in.
    cluster::PeerWatch::Options watch = {};
    cluster::Membership::Options membership = {};  // `local` and `incarnation` are filled in.
    Network::Options network = {};
    Disk::Options disk = {};
    LockService::Options lock = {};
    Guardian::Options guardian = {};
    bool has_guardians = true;
    int64_t drift_ppm = 0;  // At most, in either direction.
    // All processes start within this time.
    absl::Duration start_spread = absl::Milliseconds(100);
    size_t trace_lines = 0;
    SimNode::Tamper tamper = nullptr;
    SimNode::WrapEngine wrap_engine = nullptr;
  };

  explicit Cluster(const Options& options);

  void RunFor(absl::Duration duration) { world_.RunUntil(After(world_.now(), duration)); }

  void Crash(NodeNumber node);
  // Ends it on purpose: it takes its leave first.
  void End(NodeNumber node);
  // Only what is in the nodes list; not before the guardian of the last run has ended.
  void Start(NodeNumber node);
  // While it is down: its clock begins anew.
  void Reboot(NodeNumber node);

  Instant now() const { return world_.now(); }
  World& world() { return world_; }
  Trace& trace() { return trace_; }
  Network& network() { return network_; }
  LockService& lock() { return lock_; }
  Process& process(NodeNumber node) { return hosts_[node.value()]->process; }
  const Process& process(NodeNumber node) const { return hosts_[node.value()]->process; }
  Disk& disk(NodeNumber node) { return hosts_[node.value()]->disk; }
  const Guardian& guardian(NodeNumber node) const { return hosts_[node.value()]->guardian; }
  int size() const { return static_cast<int>(hosts_.size()); }
  // All that have a host.
  const std::vector<NodeNumber>& nodes() const { return nodes_; }
  // What a node that starts reads. A line that is new goes to the end.
  const std::vector<cluster::ListedNode>& nodes_file() const { return nodes_file_; }
  // All nodes have taken over the list. Those that start before that, while it changes, still start
  // with the one before; administrators are told not to start nodes then.
  void TakeOverNodesFile() { nodes_in_use_ = nodes_file_; }
  bool IsListed(NodeNumber node) const;
  void SetListed(NodeNumber node, bool is_listed);
  // Null while it is down.
  SimNode* node(NodeNumber node) const {
    return static_cast<SimNode*>(hosts_[node.value()]->process.program());
  }
  // Called whenever a node has done something.
  void SetObserver(std::function<void(NodeNumber)> observer);

 private:
  struct Host {
    Host(Cluster& cluster, NodeNumber number)
        : process(cluster.world_, number, cluster.DrawClock(),
                  [&cluster, number](Instant now) { return cluster.MakeNode(number, now); }),
          disk(cluster.world_, process),
          guardian(cluster.world_, cluster.network_, number, [&cluster, number] {
            if (std::exchange(cluster.hosts_[number.value()]->is_start_due, false)) {
              cluster.Start(number);
            }
          }) {}
    Process process;
    Disk disk;
    Guardian guardian;
    uint64_t parting_token = 0;  // Of the last run.
    bool is_start_due = false;
  };
  // Starts one process after the other.
  class Starter final : public Actor {
   public:
    explicit Starter(Cluster& cluster) : cluster_(cluster) {}
    void OnEvent(uint64_t what) override {
      cluster_.Start(NodeNumber(static_cast<uint32_t>(what)));
    }

   private:
    Cluster& cluster_;
  };

  Clock DrawClock();
  std::unique_ptr<Program> MakeNode(NodeNumber node, Instant now);

  const Options options_;
  World world_;
  Trace trace_;
  Network network_;
  LockService lock_;
  Starter starter_;
  std::vector<NodeNumber> nodes_;
  std::vector<cluster::ListedNode> nodes_file_;
  std::vector<cluster::ListedNode> nodes_in_use_;
  std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_CLUSTER_H_
