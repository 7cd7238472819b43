// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Whole clusters under everything that may happen to them.

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "tests/replica/cluster_model.h"

namespace ctdb::replica {
namespace {

// More on demand: CTDB_SEEDS=5000 with --config=opt.
uint64_t Seeds(uint64_t usual) {
  const char* wanted = std::getenv("CTDB_SEEDS");
  uint64_t seeds = 0;
  return wanted && absl::SimpleAtoi(wanted, &seeds) ? seeds : usual;
}

// A random majority of the nodes that are up; nobody, if there is none.
std::vector<NodeNumber> SomeMajority(const ClusterModel& model, uint32_t nodes, Random& random) {
  std::vector<NodeNumber> up;
  for (uint32_t i = 0; i < nodes; ++i) {
    if (model.IsUp(NodeNumber(i))) up.emplace_back(i);
  }
  const size_t needed = nodes / 2 + 1;
  if (up.size() < needed) return {};
  size_t left_out = random.Below(up.size() - needed + 1);
  for (; left_out > 0; --left_out) {
    up.erase(up.begin() + static_cast<int64_t>(random.Below(up.size())));
  }
  return up;
}

void ChangeView(ClusterModel& model, uint32_t nodes, Random& random) {
  const std::vector<NodeNumber> members = SomeMajority(model, nodes, random);
  if (!members.empty()) model.MakeView(members);
}

void Disturb(ClusterModel& model, uint32_t nodes, Random& random, bool breaks_disks) {
  for (int step = 0; step < 60; ++step) {
    model.RunFor(absl::Milliseconds(random.Below(60)));
    const NodeNumber node(static_cast<uint32_t>(random.Below(nodes)));
    const NodeNumber other(static_cast<uint32_t>(random.Below(nodes)));
    switch (random.Below(breaks_disks ? 8 : 7)) {
      case 0:
      case 1:
        if (node != other) model.CutLink(node, other, absl::Milliseconds(random.Below(100)));
        break;
      case 2:
        model.SlowDisk(node, absl::Milliseconds(random.Below(60)));
        break;
      case 3:
      case 4:
        model.IsUp(node) ? model.Crash(node) : model.Restart(node);
        // Some are back before anybody notices.
        if (random.Below(4) > 0) ChangeView(model, nodes, random);
        break;
      case 7:
        if (model.IsOpen()) model.BreakDisk(node);
        break;
      default:
        ChangeView(model, nodes, random);
    }
  }
}

TEST(RandomRunTest, ClientsOfAllNodesWriteAndEverythingHappensInOneOrder_Sc9) {
  for (uint64_t seed = 1; seed <= Seeds(5); ++seed) {
    ClusterModel model({.seed = seed, .nodes = 2 + static_cast<uint32_t>(seed % 4)});
    model.RunFor(absl::Seconds(1));
    model.Settle(absl::Seconds(20));
    ASSERT_EQ(model.failure(), "");
    EXPECT_GT(model.committed(), 300u);
    EXPECT_GT(model.aborted(), 10u);
    EXPECT_LT(model.batches(), model.committed()) << "commits are grouped";
    EXPECT_EQ(model.fills(), 0u);
  }
}

TEST(RandomRunTest, NothingAcknowledgedIsLostWhateverHappens_Inv28) {
  uint64_t asked = 0;
  uint64_t fills = 0;
  for (uint64_t seed = 1; seed <= Seeds(15); ++seed) {
    Random random(seed * 31);
    const uint32_t nodes = 3 + static_cast<uint32_t>(seed % 5);
    ClusterModel model({.seed = seed, .nodes = nodes});
    Disturb(model, nodes, random, /*breaks_disks=*/false);
    model.Settle(absl::Seconds(60));
    ASSERT_EQ(model.failure(), "");
    EXPECT_EQ(model.unknown(), 0u) << "the log reaches back, so every answer is exact";
    asked += model.asked();
    fills += model.fills();
  }
  EXPECT_GT(asked, 0u);
  EXPECT_GT(fills, 0u) << "some copies must have diverged";
}

// SC-10, with disks that fail for ever until the copy is replaced.
TEST(RandomRunTest, DamagedCopiesAreFilledFromHealthyOnes_Ps43) {
  uint64_t fills = 0;
  for (uint64_t seed = 1; seed <= Seeds(8); ++seed) {
    Random random(seed * 37);
    const uint32_t nodes = 3 + static_cast<uint32_t>(seed % 5);
    ClusterModel model({.seed = seed, .nodes = nodes});
    Disturb(model, nodes, random, /*breaks_disks=*/true);
    model.Settle(absl::Seconds(60));
    ASSERT_EQ(model.failure(), "");
    fills += model.fills();
  }
  EXPECT_GT(fills, 0u);
}

// PS-5. One node at a time: what is in memory only needs somebody who stays.
TEST(RandomRunTest, AReplicatedDatabaseSurvivesNodesThatComeBackEmpty_Ps5) {
  for (uint64_t seed = 1; seed <= Seeds(4); ++seed) {
    Random random(seed * 41);
    const uint32_t nodes = 3 + static_cast<uint32_t>(seed % 5);
    ClusterModel model(
        {.seed = seed, .nodes = nodes, .is_persistent = false, .clients_per_node = 1});
    std::vector<NodeNumber> all;
    for (uint32_t i = 0; i < nodes; ++i) all.emplace_back(i);
    for (int step = 0; step < 10; ++step) {
      model.RunFor(absl::Milliseconds(100 + random.Below(50)));
      if (!model.IsOpen()) continue;
      const NodeNumber node(static_cast<uint32_t>(random.Below(nodes)));
      model.Crash(node);
      if (random.Below(2) == 0) {
        std::vector<NodeNumber> others = all;
        others.erase(others.begin() + node.value());
        model.MakeView(others);
        model.RunFor(absl::Milliseconds(random.Below(100)));
      }
      model.Restart(node);
      if (random.Below(2) == 0) model.MakeView(all);
    }
    model.Settle(absl::Seconds(60));
    ASSERT_EQ(model.failure(), "");
    EXPECT_GT(model.committed(), 100u) << seed;
  }
}

}  // namespace
}  // namespace ctdb::replica
