// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// engine_contract: what every engine must promise (lib/cluster/engine.h), as tests. An engine takes
// part with a ContractCluster that runs some nodes of it on a clock in hand:
//
//   INSTANTIATE_TEST_SUITE_P(Mine, EngineContract, testing::Values(ContractCase{"Plain",
//   MakeMine}),
//                            ContractName);
//
// Include it in one source file only. After each step of a node the cluster calls SafetyCheck:
// promises 1 to 3 are looked at always, whatever the scenario is about.

#ifndef TESTS_CLUSTER_ENGINE_CONTRACT_H_
#define TESTS_CLUSTER_ENGINE_CONTRACT_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "lib/base/instant.h"
#include "lib/cluster/engine.h"
#include "tests/cluster/contract_cluster.h"

namespace ctdb::cluster {

struct ContractCase {
  std::string name;
  std::function<std::unique_ptr<ContractCluster>(int nodes)> make;
  // A leader that is cut off goes on where the rule does not ask for a majority.
  bool needs_majority = true;
  // Within this a new leader acts after the old one crashed.
  absl::Duration failover_limit = absl::Seconds(1);
  // Longer than whatever an engine waits for.
  absl::Duration long_time = absl::Seconds(15);
};

inline std::string ContractName(const testing::TestParamInfo<ContractCase>& info) {
  return info.param.name;
}

class EngineContract : public testing::TestWithParam<ContractCase> {
 protected:
  void Start(int nodes) {
    cluster_ = GetParam().make(nodes);
    PassLong();
    ASSERT_GE(Leader(), 0) << "nobody leads: " << engine(0).WaitingFor(cluster_->now());
  }
  void Pass(absl::Duration time) { cluster_->Pass(time); }
  void PassLong() { Pass(GetParam().long_time); }
  // Who may act now; -1: nobody.
  int Leader() {
    for (int node = 0; node < cluster_->size(); ++node) {
      if (Leads(node)) return node;
    }
    return -1;
  }
  Ballot LeaderBallot() { return Leader() < 0 ? Ballot() : engine(Leader()).ballot(); }
  bool Leads(int node) {
    return cluster_->engine(node) != nullptr && cluster_->engine(node)->Leads(cluster_->now());
  }
  Engine& engine(int node) { return *cluster_->engine(node); }
  int Next(int node) const { return (node + 1) % cluster_->size(); }
  void Isolate(int node) {
    for (int other = 0; other < cluster_->size(); ++other) {
      if (other != node) cluster_->Cut(node, other);
    }
  }
  void JoinAll() {
    for (int one = 0; one < cluster_->size(); ++one) {
      for (int other = 0; other < one; ++other) cluster_->Join(one, other);
    }
  }
  // All nodes that run call the same node the leader, it leads, and all of them serve.
  void ExpectAgreement() {
    const int leader = Leader();
    ASSERT_GE(leader, 0) << "nobody leads: " << engine(0).WaitingFor(cluster_->now());
    for (int node = 0; node < cluster_->size(); ++node) {
      if (cluster_->engine(node) == nullptr) continue;
      EXPECT_EQ(engine(node).leader(), NodeNumber(static_cast<uint32_t>(leader))) << node;
      EXPECT_EQ(engine(node).ballot(), engine(leader).ballot()) << node;
      EXPECT_GT(engine(node).ServesUntil(), cluster_->now()) << node;
      EXPECT_EQ(engine(node).WaitingFor(cluster_->now()), "") << node;
    }
  }

  std::unique_ptr<ContractCluster> cluster_;
};

TEST_P(EngineContract, NodesOfAnyNumberAgreeOnALeaderThatStays) {
  for (int nodes = 1; nodes <= 5; ++nodes) {
    ASSERT_NO_FATAL_FAILURE(Start(nodes));
    ExpectAgreement();
    const Ballot ballot = LeaderBallot();
    PassLong();
    ExpectAgreement();
    EXPECT_EQ(LeaderBallot(), ballot);
  }
}

TEST_P(EngineContract, WhenTheLeaderCrashesAnotherActsWithinTheLimit) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const int old = Leader();
  cluster_->Crash(old);
  Pass(GetParam().failover_limit);
  EXPECT_NE(Leader(), old);
  ExpectAgreement();
}

TEST_P(EngineContract, ACrashedLeaderThatReturnsFollows_Bug83) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const int old = Leader();
  cluster_->Crash(old);
  PassLong();
  const Ballot ballot = LeaderBallot();
  cluster_->Restart(old);
  PassLong();
  ExpectAgreement();
  EXPECT_EQ(LeaderBallot(), ballot);
}

TEST_P(EngineContract, ALeaderThatIsRestartedAtOnceDoesNotLeadWithItsOldBallot) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const int old = Leader();
  const Ballot ballot = engine(old).ballot();
  cluster_->Crash(old);
  cluster_->Restart(old);
  PassLong();
  ExpectAgreement();
  EXPECT_GT(LeaderBallot(), ballot);
}

TEST_P(EngineContract, AllNodesRestartedAtOnceAgreeAgainAboveTheirOldBallot) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const Ballot ballot = LeaderBallot();
  for (int node = 0; node < 3; ++node) cluster_->Crash(node);
  for (int node = 0; node < 3; ++node) cluster_->Restart(node);
  PassLong();
  ExpectAgreement();
  EXPECT_GT(LeaderBallot(), ballot);
}

TEST_P(EngineContract, ACrashedFollowerChangesNothing) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const Ballot ballot = LeaderBallot();
  const int follower = Next(Leader());
  cluster_->Crash(follower);
  PassLong();
  ExpectAgreement();
  cluster_->Restart(follower);
  PassLong();
  ExpectAgreement();
  EXPECT_EQ(LeaderBallot(), ballot);
}

TEST_P(EngineContract, AfterAShortPauseTheLeaderLeadsOn) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const int leader = Leader();
  const Ballot ballot = engine(leader).ballot();
  cluster_->Pause(leader);
  Pass(absl::Milliseconds(400));
  cluster_->Resume(leader);
  Pass(absl::Seconds(1));
  ExpectAgreement();
  EXPECT_EQ(engine(leader).ballot(), ballot);
}

TEST_P(EngineContract, AfterALongPauseNobodyActsInTheLeadersNameBesidesTheNewOne) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const int leader = Leader();
  cluster_->Pause(leader);
  PassLong();
  cluster_->Resume(leader);
  PassLong();
  ExpectAgreement();
}

TEST_P(EngineContract, AnIsolatedLeaderAndTheOthersNeverLeadAtTheSameTime) {
  ASSERT_NO_FATAL_FAILURE(Start(5));
  const int old = Leader();
  Isolate(old);
  Pass(GetParam().long_time);
  EXPECT_EQ(Leads(old), !GetParam().needs_majority);
  JoinAll();
  PassLong();
  ExpectAgreement();
}

TEST_P(EngineContract, ANodeThatCannotReachTheLeaderDoesNotDisturbIt) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const int leader = Leader();
  const Ballot ballot = engine(leader).ballot();
  cluster_->Cut(leader, Next(leader));
  PassLong();
  EXPECT_TRUE(Leads(leader));
  EXPECT_EQ(engine(leader).ballot(), ballot);
  cluster_->Join(leader, Next(leader));
  PassLong();
  ExpectAgreement();
  EXPECT_EQ(engine(leader).ballot(), ballot);
}

TEST_P(EngineContract, WithoutAMajorityNobodyLeadsAndEachSaysWhatItWaitsFor) {
  if (!GetParam().needs_majority) GTEST_SKIP() << "the rule does not ask for a majority";
  ASSERT_NO_FATAL_FAILURE(Start(5));
  for (int node = 0; node < 5; ++node) Isolate(node);
  PassLong();
  EXPECT_EQ(Leader(), -1);
  for (int node = 0; node < 5; ++node) EXPECT_NE(engine(node).WaitingFor(cluster_->now()), "");
  JoinAll();
  PassLong();
  ExpectAgreement();
}

TEST_P(EngineContract, WhoMayNotLeadAnyMoreIsFollowedByAnotherAtOnce) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const int old = Leader();
  engine(old).SetMayLead(false, "test", cluster_->now());
  EXPECT_FALSE(Leads(old));
  Pass(GetParam().failover_limit);
  EXPECT_NE(Leader(), old);
  ExpectAgreement();
}

TEST_P(EngineContract, ANodeCutOffWhenTheLeaderStepsDownServesOnlyWhileItIsGranted) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const int old = Leader();
  Isolate(Next(old));
  engine(old).SetMayLead(false, "test", cluster_->now());
  PassLong();
  EXPECT_LE(engine(Next(old)).ServesUntil(), cluster_->now());
}

TEST_P(EngineContract, IfNobodyMayLeadNobodyDoesUntilOneMay) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  for (int node = 0; node < 3; ++node) {
    engine(node).SetMayLead(false, "test", cluster_->now());
  }
  PassLong();
  EXPECT_EQ(Leader(), -1);
  engine(1).SetMayLead(true, "", cluster_->now());
  PassLong();
  EXPECT_EQ(Leader(), 1);
  ExpectAgreement();
}

TEST_P(EngineContract, ALeaderThatLeavesIsFollowedByAnotherAtOnce) {
  ASSERT_NO_FATAL_FAILURE(Start(3));
  const int old = Leader();
  engine(old).Leave(cluster_->now());
  EXPECT_FALSE(Leads(old));
  Pass(absl::Milliseconds(100));
  cluster_->Crash(old);
  Pass(GetParam().failover_limit);
  ExpectAgreement();
}

}  // namespace ctdb::cluster

#endif  // TESTS_CLUSTER_ENGINE_CONTRACT_H_
