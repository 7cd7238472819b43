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
    // At a change of view a member may miss what has just happened, and gets it from the log; of a
    // large transaction that has the token only.
    EXPECT_EQ(model.fills(), model.fills_for_bodies()) << seed;
  }
}

TEST(RandomRunTest, WithoutFaultsTheLogIsEnoughForWhateverIsNotLarge_Ps55) {
  for (uint64_t seed = 1; seed <= Seeds(5); ++seed) {
    ClusterModel model({.seed = seed, .nodes = 2 + static_cast<uint32_t>(seed % 4), .bodies = 0});
    for (int views = 0; views < 5; ++views) {
      model.RunFor(absl::Milliseconds(100));
      model.MakeView(model.members());
    }
    model.Settle(absl::Seconds(20));
    ASSERT_EQ(model.failure(), "");
    EXPECT_GT(model.committed(), 100u);
    EXPECT_EQ(model.fills(), 0u) << seed;
  }
}

// Some nodes have little room, or none, again and again.
void FillDisks(ClusterModel& model, uint32_t nodes, Random& random) {
  for (int step = 0; step < 60; ++step) {
    model.RunFor(absl::Milliseconds(random.Below(60)));
    const NodeNumber node(static_cast<uint32_t>(random.Below(nodes)));
    const uint64_t rooms[] = {0, kLastReserveBytes / 2, kReserveBytes - 1, UINT64_MAX};
    model.SetRoom(node, rooms[random.Below(4)]);
    if (random.Below(4) == 0) ChangeView(model, nodes, random);
    if (random.Below(8) == 0 && model.IsUp(node)) model.Crash(node);
    if (random.Below(8) == 0 && !model.IsUp(node)) model.Restart(node);
  }
  for (uint32_t node = 0; node < nodes; ++node) model.SetRoom(NodeNumber(node), UINT64_MAX);
}

TEST(RandomRunTest, FullDisksLoseNothingAndAllGoesOnWhenThereIsRoomAgain) {
  uint64_t full = 0;
  for (uint64_t seed = 1; seed <= Seeds(10); ++seed) {
    Random random(seed * 47);
    const uint32_t nodes = 2 + static_cast<uint32_t>(seed % 4);
    ClusterModel model({.seed = seed, .nodes = nodes, .bodies = seed % 2 == 0 ? 0.1 : 0});
    FillDisks(model, nodes, random);
    model.Settle(absl::Seconds(30));
    ASSERT_EQ(model.failure(), "") << seed;
    full += model.full();
  }
  EXPECT_GT(full, 100u) << "some were refused";
}

// TXN-9. Half of them travel in parts, and nodes stop at each step.
TEST(RandomRunTest, LargeTransactionsHappenEverywhereOrNowhereWhateverHappens_Txn9) {
  uint64_t large = 0;
  for (uint64_t seed = 1; seed <= Seeds(10); ++seed) {
    Random random(seed * 43);
    const uint32_t nodes = 3 + static_cast<uint32_t>(seed % 3);
    ClusterModel model({.seed = seed, .nodes = nodes, .bodies = 0.5});
    Disturb(model, nodes, random, /*breaks_disks=*/seed % 2 == 0);
    model.Settle(absl::Seconds(60));
    ASSERT_EQ(model.failure(), "");
    EXPECT_EQ(model.body_bytes(), 0u) << "what did not happen has left nothing behind";
    large += model.large();
  }
  EXPECT_GT(large, 100u);
}

TEST(RandomRunTest, NothingAcknowledgedIsLostWhateverHappens_Inv28) {
  uint64_t asked = 0;
  uint64_t fills = 0;
  for (uint64_t seed = 1; seed <= Seeds(10); ++seed) {
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

// On small disks. Who misses a few is filled, and what became of each is known all the same.
TEST(RandomRunTest, LogsOfTwoOrThreeEntriesCostFillsAndNothingElse) {
  uint64_t asked = 0;
  uint64_t fills = 0;
  for (uint64_t seed = 1; seed <= Seeds(10); ++seed) {
    Random random(seed * 53);
    const uint32_t nodes = 3 + static_cast<uint32_t>(seed % 3);
    ClusterModel model({.seed = seed, .nodes = nodes, .log_bytes = 200});
    Disturb(model, nodes, random, /*breaks_disks=*/seed % 2 == 0);
    model.Settle(absl::Seconds(60));
    ASSERT_EQ(model.failure(), "") << seed;
    EXPECT_EQ(model.unknown(), 0u) << "the tokens reach back";
    asked += model.asked();
    fills += model.fills();
  }
  EXPECT_GT(asked, 0u);
  EXPECT_GT(fills, 30u);
}

// SC-10, with disks that fail for ever until the copy is replaced.
TEST(RandomRunTest, DamagedCopiesAreFilledFromHealthyOnes_Ps43) {
  uint64_t fills = 0;
  for (uint64_t seed = 1; seed <= Seeds(5); ++seed) {
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

// 100,000 records of which one node misses 1,000. Returns what it costs, of all bytes.
double CostOfReturn(bool has_diverged) {
  constexpr uint32_t kRecords = 100'000;
  const NodeNumber away(2);
  const std::vector<NodeNumber> others = {NodeNumber(0), NodeNumber(1)};
  ClusterModel model({.nodes = 3, .clients_per_node = 0, .bodies = 0, .records = kRecords});
  model.RunFor(absl::Seconds(1));
  EXPECT_TRUE(model.IsOpen());
  model.Crash(away);
  model.MakeView(others);
  model.RunFor(absl::Seconds(1));
  for (uint32_t i = 0; i < 1000; ++i) {
    const std::string value(400, static_cast<char>('a' + i % 26));
    model.Write(others[0], {{absl::StrCat("record", i * 97), value}});
  }
  model.RunFor(absl::Seconds(5));
  EXPECT_EQ(model.committed(), 1000u);
  EXPECT_EQ(model.sync_bytes(), 0u);
  // An entry that nobody else has.
  if (has_diverged) model.storage(away).SetLog(LogIndex({Epoch(1), 77}, {}));
  model.Restart(away);
  model.MakeView({NodeNumber(0), NodeNumber(1), away});
  model.RunFor(absl::Seconds(5));
  EXPECT_TRUE(model.IsOpen());
  model.Settle(absl::Seconds(30));
  EXPECT_EQ(model.failure(), "");
  EXPECT_EQ(model.fills(), has_diverged ? 1u : 0u);
  return static_cast<double>(model.sync_bytes()) / (kRecords * 430.0);
}

TEST(RandomRunTest, ANodeThatWasAwayGetsWhatItMissed_Ps55) {
  EXPECT_LT(CostOfReturn(/*has_diverged=*/false), 0.02);
}

TEST(RandomRunTest, ANodeThatDivergedGetsWhatDiffers_Ps55) {
  EXPECT_LT(CostOfReturn(/*has_diverged=*/true), 0.02);
}

// SC-32 and WP-28.
TEST(RandomRunTest, ANodeThatWasAloneDoesNotOvertakeTheOthers_Ps52) {
  ClusterModel model({.seed = 5, .nodes = 3});
  model.RunFor(absl::Milliseconds(200));
  // As if it had been alone with the cluster lock, before.
  model.Crash(NodeNumber(2));
  model.MakeView({NodeNumber(0), NodeNumber(1)});
  model.RunFor(absl::Milliseconds(200));
  model.storage(NodeNumber(2)).SetLog(LogIndex({Epoch(1), 1'000'000'000}, {}));
  model.storage(NodeNumber(2)).Put("mine", {Epoch(1), 1'000'000'000}, "lost");
  model.Settle(absl::Seconds(20));
  ASSERT_EQ(model.failure(), "");
  EXPECT_EQ(model.storage(NodeNumber(0)).Get("mine"), std::nullopt);
  EXPECT_GT(model.storage(NodeNumber(0)).position().sequence, 1'000'000'000u);
}

}  // namespace
}  // namespace ctdb::replica
