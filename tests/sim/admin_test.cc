// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/admin.h"

#include <gtest/gtest.h>

#include <string>

namespace ctdb::sim {
namespace {

TEST(AdminTest, OrdersOfAllKindsAreGiven) {
  Cluster cluster({.nodes = 4, .spares = 1, .seed = 2, .trace_lines = 100000});
  Admin admin(cluster);
  admin.Start();
  cluster.RunFor(absl::Minutes(10));
  std::string trace;
  for (const std::string& line : cluster.trace().lines()) trace += line + "\n";
  for (const char* sign :
       {"STOPPED", "BANNED", "DISABLED", "may not lead", "may not be the home", "blames node",
        "A new epoch was asked for", "is deleted", "is listed", "The nodes list was read again"}) {
    EXPECT_NE(trace.find(sign), std::string::npos) << sign;
  }
}

TEST(AdminTest, AfterStopAllWorkWithTheListAndSomebodyLeads) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster({.nodes = 4, .spares = 1, .seed = seed});
    Admin admin(cluster);
    admin.Start();
    cluster.RunFor(absl::Seconds(40));
    admin.Stop();
    cluster.RunFor(absl::Seconds(20));
    EXPECT_FALSE(admin.is_changing_list());
    int leaders = 0;
    int listed = 0;
    for (NodeNumber node : cluster.nodes()) {
      EXPECT_EQ(cluster.node(node) != nullptr, cluster.IsListed(node));
      if (cluster.node(node) == nullptr) continue;
      ++listed;
      EXPECT_EQ(cluster.node(node)->membership().nodes(), cluster.nodes_file());
      if (cluster.node(node)->engine().Leads(cluster.process(node).LocalNow())) ++leaders;
    }
    EXPECT_EQ(leaders, 1) << seed;
    EXPECT_GE(listed, 3) << seed;
  }
}

TEST(AdminTest, WithoutSparesTheListOfThreeNodesDoesNotChange) {
  Cluster cluster({.nodes = 3, .seed = 1});
  const auto file = cluster.nodes_file();
  Admin admin(cluster);
  admin.Start();
  cluster.RunFor(absl::Minutes(2));
  EXPECT_EQ(cluster.nodes_file(), file);
}

TEST(AdminTest, WhoIsBlamedOrToBeBannedWasProvoked) {
  Cluster cluster({.nodes = 3, .seed = 1});
  Admin admin(cluster);
  EXPECT_FALSE(admin.provoked(NodeNumber(0)).has_value());
  admin.Start();
  cluster.RunFor(absl::Minutes(5));
  for (NodeNumber node : cluster.nodes()) EXPECT_TRUE(admin.provoked(node).has_value());
}

}  // namespace
}  // namespace ctdb::sim
