// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// What goes wrong with lib/cluster/membership.h only in a cluster, between several nodes.

#include "lib/cluster/membership.h"

#include <gtest/gtest.h>

#include <vector>

#include "lib/sim/cluster.h"

namespace ctdb::sim {
namespace {

using cluster::Membership;

template <typename Act>
void TellAll(Cluster& cluster, Act act) {
  for (NodeNumber node : cluster.nodes()) cluster.process(node).Deliver(Order{act});
}

NodeNumber Leader(const Cluster& cluster) {
  return *cluster.node(NodeNumber(0))->engine().leader();
}

TEST(MembershipTest, NodeThatConnectsBetweenTheStepsOfAListChangeBecomesAMember) {
  Cluster cluster({.nodes = 3, .spares = 1});
  cluster.RunFor(absl::Seconds(3));
  cluster.SetListed(NodeNumber(3), true);
  TellAll(cluster, [&](Membership& membership, Instant now) {
    EXPECT_TRUE(membership.PrepareNodes(cluster.nodes_file(), now).ok());
  });
  cluster.Start(NodeNumber(3));
  cluster.RunFor(absl::Seconds(3));
  TellAll(cluster, [](Membership& membership, Instant now) { membership.CommitNodes(now); });
  cluster.RunFor(absl::Seconds(3));
  for (NodeNumber node : cluster.nodes()) {
    const Membership& membership = cluster.node(node)->membership();
    EXPECT_EQ(membership.view()->members, cluster.nodes());
    EXPECT_EQ(membership.Describe(NodeNumber(3)).flags, 0u);
  }
}

TEST(MembershipTest, LostNewsThatAViewIsSettledIsSaidAgain) {
  Cluster::Options options;
  int lost = 0;
  options.tamper = [&](Message& message) {
    auto* membership = std::get_if<cluster::MembershipMessage>(&message);
    auto* view = membership == nullptr ? nullptr : std::get_if<cluster::View>(membership);
    if (view != nullptr && view->is_settled && ++lost <= 2) view->is_settled = false;
  };
  Cluster cluster(options);
  cluster.RunFor(absl::Seconds(6));
  EXPECT_GT(lost, 2);
  for (NodeNumber node : cluster.nodes()) {
    EXPECT_TRUE(cluster.node(node)->membership().view()->is_settled);
  }
}

TEST(MembershipTest, LeaderWhoseTimeEndedWhileItWasPausedBeginsNoEpoch) {
  Cluster cluster({.nodes = 3});
  cluster.RunFor(absl::Seconds(3));
  const NodeNumber former = Leader(cluster);
  bool has_begun = true;
  cluster.process(former).Pause();
  cluster.process(former).Deliver(Order{[&](Membership& membership, Instant now) {
    has_begun = membership.BeginEpoch("test", now);
  }});
  cluster.RunFor(absl::Seconds(10));
  cluster.process(former).Resume();
  EXPECT_FALSE(has_begun);
}

TEST(MembershipTest, LeaderBeginsAnEpochWhenAskedTo) {
  Cluster cluster({.nodes = 3});
  cluster.RunFor(absl::Seconds(3));
  const Epoch before = cluster.node(NodeNumber(0))->membership().view()->epoch;
  int begun = 0;
  TellAll(cluster, [&](Membership& membership, Instant now) {
    if (membership.BeginEpoch("test", now)) ++begun;
  });
  cluster.RunFor(absl::Seconds(1));
  EXPECT_EQ(begun, 1);
  EXPECT_GT(cluster.node(NodeNumber(0))->membership().view()->epoch, before);
}

}  // namespace
}  // namespace ctdb::sim
