// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/node.h"

#include <gtest/gtest.h>

#include "lib/sim/cluster.h"

namespace ctdb::sim {
namespace {

TEST(NodeTest, AloneItElectsItselfThroughItsDisk) {
  Cluster cluster({.nodes = 1});
  cluster.RunFor(absl::Seconds(3));
  const NodeNumber node(0);
  EXPECT_TRUE(cluster.node(node)->engine().Leads(cluster.process(node).LocalNow()));
  EXPECT_EQ(cluster.disk(node).kept(), cluster.node(node)->engine().ballot());
  EXPECT_EQ(cluster.node(node)->problem(), "");
}

TEST(NodeTest, ByTheLockRuleTheHolderLeads) {
  Cluster::Options options;
  options.election.rule = cluster::Election::Rule::kLock;
  Cluster cluster(options);
  cluster.RunFor(absl::Seconds(5));
  ASSERT_TRUE(cluster.lock().holder().has_value());
  const NodeNumber holder = *cluster.lock().holder();
  for (NodeNumber node : cluster.nodes()) {
    EXPECT_EQ(cluster.node(node)->engine().leader(), holder);
  }
  cluster.lock().Lose();
  EXPECT_FALSE(cluster.node(holder)->engine().Leads(cluster.process(holder).LocalNow()));
}

TEST(NodeTest, AnswerToALockAttemptThatWasGivenUpIsDropped) {
  Cluster::Options options;
  options.election.rule = cluster::Election::Rule::kLock;
  Cluster cluster(options);
  cluster.RunFor(absl::Seconds(5));
  const NodeNumber holder = *cluster.lock().holder();
  cluster.process(holder).Deliver(LockNotice{12345, cluster::LockAnswer::kLost});
  EXPECT_TRUE(cluster.node(holder)->engine().Leads(cluster.process(holder).LocalNow()));
}

TEST(NodeTest, MembershipComesToOneSettledViewInWhichAllServeAndRun) {
  Cluster cluster({.nodes = 3});
  cluster.RunFor(absl::Seconds(5));
  for (NodeNumber number : cluster.nodes()) {
    const cluster::Membership& node = cluster.node(number)->membership();
    ASSERT_TRUE(node.view().has_value());
    EXPECT_EQ(node.view()->members, cluster.nodes());
    EXPECT_TRUE(node.view()->is_settled);
    EXPECT_TRUE(node.Serves(cluster.process(number).LocalNow()));
    EXPECT_EQ(node.own().run_state, cluster::RunState::kRunning);
    EXPECT_EQ(node.own().flags, 0u);
  }
}

TEST(NodeTest, OrdersAreCarriedOut) {
  Cluster cluster({.nodes = 3});
  cluster.RunFor(absl::Seconds(5));
  const NodeNumber stopped(1);
  cluster.process(stopped).Deliver(
      Order{[](cluster::Membership& membership, Instant now) { membership.Stop("test", now); }});
  cluster.RunFor(absl::Seconds(2));
  const cluster::Membership& other = cluster.node(NodeNumber(0))->membership();
  EXPECT_EQ(other.view()->members, (std::vector<NodeNumber>{NodeNumber(0), NodeNumber(2)}));
  EXPECT_EQ(other.Describe(stopped).flags, cluster::kStopped);
}

TEST(NodeTest, TamperSeesWhatIsSent) {
  Cluster::Options options;
  int beats = 0;
  options.tamper = [&](Message& message) {
    if (KindOf(message) == MessageKind::kBeat) ++beats;
  };
  Cluster cluster(options);
  cluster.RunFor(absl::Seconds(5));
  EXPECT_GT(beats, 0);
}

}  // namespace
}  // namespace ctdb::sim
