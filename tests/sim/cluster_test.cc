// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/cluster.h"

#include <gtest/gtest.h>

namespace ctdb::sim {
namespace {

TEST(ClusterTest, NodesFindEachOtherAndALeader) {
  Cluster cluster({.nodes = 5, .seed = 3});
  cluster.RunFor(absl::Seconds(5));
  const auto leader = cluster.node(NodeNumber(0))->engine().leader();
  ASSERT_TRUE(leader.has_value());
  for (NodeNumber node : cluster.nodes()) {
    EXPECT_EQ(cluster.node(node)->engine().leader(), leader);
    EXPECT_EQ(cluster.node(node)->engine().connected().size(), 4u);
  }
}

TEST(ClusterTest, CrashedNodeComesBackWithItsBallot) {
  Cluster cluster({.nodes = 3, .seed = 3});
  cluster.RunFor(absl::Seconds(5));
  const NodeNumber leader = *cluster.node(NodeNumber(0))->engine().leader();
  const cluster::Ballot ballot = cluster.node(leader)->engine().ballot();
  cluster.Crash(leader);
  EXPECT_EQ(cluster.node(leader), nullptr);
  EXPECT_EQ(cluster.disk(leader).kept(), ballot);
  cluster.RunFor(absl::Seconds(3));
  cluster.Start(leader);
  cluster.RunFor(absl::Seconds(3));
  EXPECT_NE(cluster.node(leader)->engine().leader(), leader);
  EXPECT_GT(cluster.node(leader)->engine().ballot(), ballot);
}

TEST(ClusterTest, HostThatIsStartedAgainHasAnotherClock) {
  Cluster cluster({.nodes = 1});
  cluster.RunFor(absl::Minutes(10));
  const NodeNumber node(0);
  const Instant before = cluster.process(node).LocalNow();
  cluster.Reboot(node);
  EXPECT_EQ(cluster.process(node).LocalNow(), before) << "it is up";
  cluster.Crash(node);
  cluster.Reboot(node);
  EXPECT_LT(cluster.process(node).LocalNow(), before);
}

TEST(DiskTest, CrashBeforeTheEndKeepsTheOldOrTheNewValueAndTellsNobody) {
  bool kept_old = false;
  bool kept_new = false;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    Cluster cluster({.nodes = 1, .seed = seed});
    Disk& disk = cluster.disk(NodeNumber(0));
    disk.Write(cluster::Ballot(7));
    EXPECT_TRUE(disk.is_writing());
    disk.OnCrash();
    EXPECT_FALSE(disk.is_writing());
    (disk.kept() == cluster::Ballot(7) ? kept_new : kept_old) = true;
  }
  EXPECT_TRUE(kept_old);
  EXPECT_TRUE(kept_new);
}

}  // namespace
}  // namespace ctdb::sim
