// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/guardian.h"

#include <gtest/gtest.h>

#include "lib/sim/cluster.h"

namespace ctdb::sim {
namespace {

Cluster::Options Options(double share) {
  Cluster::Options options;
  options.guardian.share = share;
  return options;
}

// A cluster of three that is well, whose node 0 has just crashed.
class GuardianTest : public testing::Test {
 protected:
  void CrashNode0(double share) {
    cluster_ = std::make_unique<Cluster>(Options(share));
    cluster_->RunFor(absl::Seconds(3));
    cluster_->Crash(kNode);
  }

  const NodeNumber kNode{0};
  std::unique_ptr<Cluster> cluster_;
};

TEST_F(GuardianTest, ClientsOfACrashedProcessServeUntilItsGuardianEndsThat) {
  CrashNode0(1);
  EXPECT_GT(cluster_->guardian(kNode).remains().serve_until, cluster_->now());
  cluster_->RunFor(Guardian::Options().fence_most);
  EXPECT_EQ(cluster_->guardian(kNode).remains().serve_until, Instant::min());
}

TEST_F(GuardianTest, WithoutAGuardianTheyServeUntilTheLeaseEnds) {
  CrashNode0(0);
  const Instant until = cluster_->guardian(kNode).remains().serve_until;
  cluster_->RunFor(absl::Milliseconds(150));
  EXPECT_EQ(cluster_->guardian(kNode).remains().serve_until, until);
  EXPECT_LE(until, After(cluster_->now(), absl::Milliseconds(600)));
}

TEST_F(GuardianTest, ItsProcessDoesNotStartBeforeItHasEnded) {
  CrashNode0(1);
  ASSERT_TRUE(cluster_->guardian(kNode).is_alive());
  for (int i = 0; i < 100 && !cluster_->process(kNode).is_running(); ++i) {
    cluster_->Start(kNode);
    EXPECT_NE(cluster_->process(kNode).is_running(), cluster_->guardian(kNode).is_alive());
  }
  EXPECT_TRUE(cluster_->process(kNode).is_running()) << "it ends when it is asked to";
}

// The leader's node is down, and whoever takes the lock has no voters to ask.
TEST_F(GuardianTest, ALeaderByTheLockHearsItWhenItHasTakenTheLock) {
  const auto until_without_it = [&](double share) {
    Cluster::Options options = Options(share);
    options.election.rule = cluster::Election::Rule::kLock;
    Cluster cluster(options);
    cluster.RunFor(absl::Seconds(5));
    const NodeNumber leader = *cluster.node(kNode)->engine().leader();
    const NodeNumber other((leader.value() + 1) % 3);
    cluster.Crash(leader);
    const Instant crashed = cluster.now();
    for (int i = 0; i < 5000; ++i) {
      cluster.RunFor(absl::Milliseconds(1));
      const auto& view = cluster.node(other)->membership().view();
      if (view.has_value() && view->members.size() == 2) break;
    }
    return ToAbsl(cluster.now() - crashed);
  };
  EXPECT_LT(until_without_it(1), until_without_it(0) - absl::Milliseconds(500));
}

// Who is told waits for no lease.
TEST_F(GuardianTest, OthersGoOnWithoutTheNodeSoonerWithAGuardianThanWithoutOne) {
  const auto until_without_it = [&](double share) {
    CrashNode0(share);
    const Instant crashed = cluster_->now();
    for (int i = 0; i < 2000; ++i) {
      cluster_->RunFor(absl::Milliseconds(1));
      const auto& view = cluster_->node(NodeNumber(1))->membership().view();
      if (view.has_value() && view->members.size() == 2) break;
    }
    return ToAbsl(cluster_->now() - crashed);
  };
  const absl::Duration with = until_without_it(1);
  const absl::Duration without = until_without_it(0);
  EXPECT_LT(with, absl::Milliseconds(350));
  EXPECT_GT(without, absl::Milliseconds(400));
}

}  // namespace
}  // namespace ctdb::sim
