// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Whole clusters under everything that may happen to them.

#include <algorithm>
#include <cstdlib>
#include <set>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "lib/base/random.h"
#include "tests/database/cluster_model.h"

namespace ctdb::database {
namespace {

// More on demand: CTDB_SEEDS=5000 with --config=opt.
uint64_t Seeds(uint64_t usual) {
  const char* wanted = std::getenv("CTDB_SEEDS");
  uint64_t seeds = 0;
  return wanted && absl::SimpleAtoi(wanted, &seeds) ? seeds : usual;
}

NodeNumber Any(const std::vector<NodeNumber>& nodes, Random& random) {
  return nodes[random.Below(nodes.size())];
}

// Nodes stop, are shut out, come back with what they had or empty; links break, views change.
void Disturb(ClusterModel& model, Random& random) {
  std::set<NodeNumber> shut_out;
  for (int step = 0; step < 20; ++step) {
    model.RunFor(absl::Milliseconds(random.Below(60)));
    NodeNumber node(static_cast<uint32_t>(random.Below(5)));
    std::vector<NodeNumber> members = model.members();
    bool is_member = std::find(members.begin(), members.end(), node) != members.end();
    NodeNumber other = Any(members, random);
    switch (random.Below(6)) {
      case 0:
        model.ChangeView();
        break;
      case 1:
        if (node != other) model.CutLink(node, other, absl::Milliseconds(random.Below(100)));
        break;
      case 2:
      case 3:
        if (shut_out.erase(node) > 0) {
          model.LetInNode(node);
        } else if (is_member && members.size() > 2) {
          shut_out.insert(node);
          model.ShutOutNode(node);
        }
        break;
      default:
        if (!is_member && !shut_out.contains(node)) {
          model.AddNode(node, /*keeps_store=*/random.Below(3) > 0);
        } else if (is_member && members.size() > 2) {
          model.RemoveNode(node);
        }
    }
  }
  for (NodeNumber node : shut_out) model.LetInNode(node);
}

TEST(RandomRunTest, CountersLoseNothingWhileClientsOfAllNodesIncrementThem) {
  for (uint64_t seed = 1; seed <= Seeds(5); ++seed) {
    ClusterModel model({.seed = seed, .nodes = 2 + static_cast<uint32_t>(seed % 4)});
    model.RunFor(absl::Milliseconds(300));
    model.Drain(absl::Seconds(5));
    ASSERT_EQ(model.failure(), "");
    EXPECT_GT(model.increments(), 100u);
    EXPECT_LT(model.longest_wait(), absl::Milliseconds(200)) << seed;
    EXPECT_LT(model.most_attempts(), 10u) << seed;
  }
}

TEST(RandomRunTest, CutLinksLoseMessagesAndNothingElse_Mg23) {
  for (uint64_t seed = 1; seed <= Seeds(5); ++seed) {
    Random random(seed);
    ClusterModel model({.seed = seed, .nodes = 4, .cancel = 0.05, .disconnect = 0.02});
    for (int step = 0; step < 20; ++step) {
      model.RunFor(absl::Milliseconds(5 + random.Below(30)));
      NodeNumber a = Any(model.members(), random);
      NodeNumber b = Any(model.members(), random);
      if (a != b) model.CutLink(a, b, absl::Milliseconds(random.Below(100)));
    }
    model.Drain(absl::Seconds(20));
    ASSERT_EQ(model.failure(), "");
  }
}

TEST(RandomRunTest, NodesComeAndGoAndSurvivorsLoseNothing_Inv18) {
  uint64_t decided_early = 0;
  for (uint64_t seed = 1; seed <= Seeds(8); ++seed) {
    Random random(seed * 31);
    ClusterModel model({.seed = seed, .nodes = 5, .keys = 12, .cancel = 0.05, .disconnect = 0.02});
    if (seed % 3 == 0) model.ChangeHomes();
    Disturb(model, random);
    model.Drain(absl::Seconds(20));
    ASSERT_EQ(model.failure(), "");
    decided_early += model.decided_early();
  }
  EXPECT_GT(decided_early, Seeds(8)) << "nobody waits for slots to be ready";
}

// SC-1 and SC-16.
TEST(RandomRunTest, ReadersOfAllNodesSeeWhatWasWrittenBefore_Inv19) {
  for (uint64_t seed = 1; seed <= Seeds(5); ++seed) {
    ClusterModel model(
        {.seed = seed,
         .nodes = 2 + static_cast<uint32_t>(seed % 4),
         .reads = 0.9,
         .lending = seed % 3 == 0 ? Directory::Lending::kOn : Directory::Lending::kAutomatic});
    model.RunFor(absl::Milliseconds(300));
    model.Drain(absl::Seconds(5));
    ASSERT_EQ(model.failure(), "");
    EXPECT_GT(model.loans(), 10u) << seed;
    EXPECT_GT(model.revokes(), 2u) << seed;
    // With short time limits most are asked for twice.
    if (seed % 2 == 1) {
      EXPECT_GT(model.reads(), model.loans() * 2) << seed;
    }
    EXPECT_LT(model.longest_wait(), absl::Milliseconds(300)) << "writers starve (BUG-40)";
  }
}

// SC-2, SC-17, SC-18 and SC-36.
TEST(RandomRunTest, ReadersSeeWhatWasWrittenBeforeWhateverHappens_Inv19) {
  for (uint64_t seed = 1; seed <= Seeds(8); ++seed) {
    Random random(seed * 37);
    ClusterModel model(
        {.seed = seed,
         .nodes = 5,
         .keys = 8,
         .cancel = 0.05,
         .disconnect = 0.02,
         .die = 0.01,
         .lock_failures = seed % 4 == 0 ? 0.05 : 0,
         .reads = 0.3 * static_cast<double>(1 + seed % 3),
         .lending = seed % 2 == 0 ? Directory::Lending::kOn : Directory::Lending::kAutomatic});
    if (seed % 3 == 0) model.ChangeHomes();
    Disturb(model, random);
    model.Drain(absl::Seconds(20));
    ASSERT_EQ(model.failure(), "");
  }
}

// SC-11 to SC-13.
TEST(RandomRunTest, DeletedRecordsAreGoneEverywhereSoonAndNothingElseIs_Inv25) {
  uint64_t forgotten = 0;
  for (uint64_t seed = 1; seed <= Seeds(8); ++seed) {
    ClusterModel model({.seed = seed,
                        .nodes = 2 + static_cast<uint32_t>(seed % 4),
                        .keys = 6 + static_cast<uint32_t>(seed % 20),
                        .think = absl::Milliseconds(4),
                        .reads = seed % 2 == 0 ? 0 : 0.5,
                        .deletes = 0.4,
                        .vacuum = absl::Milliseconds(2)});
    model.RunFor(absl::Milliseconds(300));
    model.Drain(absl::Seconds(5));
    model.WaitUntilForgotten(absl::Seconds(20));
    ASSERT_EQ(model.failure(), "");
    EXPECT_GT(model.deletes(), 5u) << seed;
    forgotten += model.forgotten();
  }
  EXPECT_GT(forgotten, Seeds(8) * 10);
}

// SC-5, SC-6 and SC-14.
TEST(RandomRunTest, NothingDeletedComesBackWhateverHappens_Inv24_Bug22_Bug23) {
  uint64_t forgotten = 0;
  for (uint64_t seed = 1; seed <= Seeds(8); ++seed) {
    Random random(seed * 41);
    ClusterModel model(
        {.seed = seed,
         .nodes = 5,
         .keys = 6 + static_cast<uint32_t>(seed % 20),
         .think = absl::Milliseconds(seed % 3 == 0 ? 1 : 5),
         .cancel = 0.05,
         .disconnect = 0.02,
         .die = 0.01,
         .lock_failures = seed % 4 == 0 ? 0.05 : 0,
         .reads = 0.2 * static_cast<double>(seed % 4),
         .lending = seed % 2 == 0 ? Directory::Lending::kOn : Directory::Lending::kAutomatic,
         .deletes = 0.5,
         .vacuum = absl::Milliseconds(2),
         .slow = seed % 2 == 0 ? 0.002 : 0});
    if (seed % 3 == 0) model.ChangeHomes();
    Disturb(model, random);
    model.Drain(absl::Seconds(20));
    model.WaitUntilForgotten(absl::Seconds(20));
    ASSERT_EQ(model.failure(), "");
    forgotten += model.forgotten();
  }
  EXPECT_GT(forgotten, 100u);
}

// As Samba's: they are asked whether they have used a record, which they do not always say rightly,
// nobody has read-only copies, and who reads is told what the owner has (REC-8, RO-8, CALL-13).
TEST(RandomRunTest, SilentClientsLoseNothingAndAllAreServedWhateverHappens) {
  uint64_t read_elsewhere = 0;
  for (uint64_t seed = 1; seed <= Seeds(8); ++seed) {
    Random random(seed * 43);
    ClusterModel model({.seed = seed,
                        .nodes = 5,
                        .keys = 6,
                        .cancel = 0.02,
                        .disconnect = 0.02,
                        .die = 0.01,
                        .lock_failures = seed % 4 == 0 ? 0.05 : 0,
                        .reads = 0.2 * static_cast<double>(seed % 3),
                        .lending = Directory::Lending::kOff,
                        .deletes = seed % 2 == 0 ? 0 : 0.3,
                        .vacuum = absl::Milliseconds(2),
                        .do_clients_tell_use = false,
                        .wrong_use = 0.1 * static_cast<double>(seed % 4),
                        .slow = seed % 5 == 0 ? 0.002 : 0});
    Disturb(model, random);
    model.Drain(absl::Seconds(20));
    ASSERT_EQ(model.failure(), "");
    read_elsewhere += model.read_elsewhere();
  }
  EXPECT_GT(read_elsewhere, Seeds(8) * 20);
}

// PS-61 and PR-2.
TEST(RandomRunTest, WhatAllNodesKeepSurvivesItsOwnerAndNothingComesBackByIt_Inv24) {
  uint64_t kept = 0;
  uint64_t survived = 0;
  for (uint64_t seed = 1; seed <= Seeds(8); ++seed) {
    Random random(seed * 47);
    ClusterModel model({.seed = seed,
                        .nodes = 5,
                        .keys = 6 + static_cast<uint32_t>(seed % 10),
                        .think = absl::Milliseconds(1),
                        .cancel = 0.02,
                        .disconnect = 0.02,
                        .die = 0.01,
                        .lock_failures = seed % 4 == 0 ? 0.05 : 0,
                        .lending = Directory::Lending::kOff,
                        .deletes = 0.3 * static_cast<double>(seed % 3),
                        .vacuum = absl::Microseconds(seed % 4 < 2 ? 100 : 2000),
                        .do_clients_tell_use = seed % 2 == 0,
                        .slow = 0.002,
                        .spares = 0.3});
    if (seed % 3 == 0) model.ChangeHomes();
    Disturb(model, random);
    model.Drain(absl::Seconds(20));
    model.WaitUntilForgotten(absl::Seconds(20));
    ASSERT_EQ(model.failure(), "");
    kept += model.kept();
    survived += model.survived();
  }
  EXPECT_GT(kept, Seeds(8) * 10);
  EXPECT_GT(survived, Seeds(8)) << "no owner of a kept record has died";
}

TEST(RandomRunTest, SilentClientsOfAllNodesMakeProgressWithOneRecord_REC8) {
  ClusterModel model({.seed = 3,
                      .nodes = 5,
                      .keys = 1,
                      .think = absl::ZeroDuration(),
                      .lending = Directory::Lending::kOff,
                      .do_clients_tell_use = false});
  model.RunFor(absl::Seconds(1));
  model.Drain(absl::Seconds(5));
  ASSERT_EQ(model.failure(), "");
  for (NodeNumber node : model.members()) {
    EXPECT_GT(model.increments_of(node) * 10, model.increments()) << node;
  }
  EXPECT_LT(model.longest_wait(), absl::Milliseconds(100));
}

TEST(RandomRunTest, NoNodeStarvesWhenAllWantOneRecord_Bug18) {
  ClusterModel model(
      {.seed = 3, .nodes = 5, .clients_per_node = 8, .keys = 1, .think = absl::ZeroDuration()});
  model.RunFor(absl::Seconds(1));
  model.Drain(absl::Seconds(5));
  ASSERT_EQ(model.failure(), "");
  for (NodeNumber node : model.members()) {
    EXPECT_GT(model.increments_of(node) * 10, model.increments()) << node;
  }
  EXPECT_GT(model.increments(), model.transfers() * 5) << "a transfer serves several clients";
  EXPECT_LT(model.longest_wait(), absl::Milliseconds(100));
}

}  // namespace
}  // namespace ctdb::database
