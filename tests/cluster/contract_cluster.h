// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// contract_cluster: some nodes of one engine on a clock in hand, as engine_contract.h needs them,
// and what must hold after each of their steps: promises 1 to 3 of lib/cluster/engine.h.

#ifndef TESTS_CLUSTER_CONTRACT_CLUSTER_H_
#define TESTS_CLUSTER_CONTRACT_CLUSTER_H_

#include <gtest/gtest.h>

#include <optional>

#include "absl/time/time.h"
#include "lib/base/instant.h"
#include "lib/cluster/engine.h"

namespace ctdb::cluster {

// Nodes 0, 1, ... with a link between each two. Nothing happens but in Pass().
class ContractCluster {
 public:
  virtual ~ContractCluster() = default;

  virtual int size() const = 0;
  virtual Instant now() const = 0;
  virtual void Pass(absl::Duration time) = 0;
  // Null while the node is down.
  virtual Engine* engine(int node) = 0;

  // Both sides notice at once.
  virtual void Cut(int one, int other) = 0;
  virtual void Join(int one, int other) = 0;
  // The process stands still; its links stay, and what is sent to it waits.
  virtual void Pause(int node) = 0;
  virtual void Resume(int node) = 0;
  // The process ends, and its links with it; what was persisted stays.
  virtual void Crash(int node) = 0;
  virtual void Restart(int node) = 0;
};

class SafetyCheck {
 public:
  void AfterStep(ContractCluster& cluster) {
    std::optional<int> leader;
    for (int node = 0; node < cluster.size(); ++node) {
      const Engine* engine = cluster.engine(node);
      if (engine == nullptr || !engine->Leads(cluster.now())) continue;
      EXPECT_FALSE(leader.has_value()) << "both " << *leader << " and " << node << " lead";
      leader = node;
      EXPECT_GE(engine->ballot(), highest_) << node << " leads with a ballot of before";
      EXPECT_TRUE(engine->ballot() != highest_ || last_ == node) << "one ballot, two leaders";
      highest_ = engine->ballot();
      last_ = node;
      CheckGrants(cluster, *engine, node);
    }
  }
  // The highest ballot that anybody led with.
  Ballot highest() const { return highest_; }

 private:
  static void CheckGrants(ContractCluster& cluster, const Engine& leader, int leader_number) {
    for (int node = 0; node < cluster.size(); ++node) {
      const Engine* engine = cluster.engine(node);
      if (engine == nullptr || node == leader_number) continue;
      const NodeNumber number(static_cast<uint32_t>(node));
      EXPECT_FALSE(leader.GrantedUntil(number) <= cluster.now() &&
                   cluster.now() < engine->ServesUntil())
          << "node " << node << " serves though " << leader_number << " does not grant it";
    }
  }

  Ballot highest_;
  std::optional<int> last_;
};

}  // namespace ctdb::cluster

#endif  // TESTS_CLUSTER_CONTRACT_CLUSTER_H_
