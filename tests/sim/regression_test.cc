// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What simulations found once, each as small as it can be.

#include <gtest/gtest.h>

#include <string>

#include "lib/sim/cluster.h"
#include "tests/sim/checker_grants.h"
#include "tests/sim/checker_leader.h"

namespace ctdb::sim {
namespace {

class RegressionTest : public testing::TestWithParam<uint64_t> {
 protected:
  RegressionTest() {
    cluster_.SetObserver([this](NodeNumber node) {
      if (problem_.empty()) problem_ = grants_.OnTurn(node);
      if (problem_.empty()) problem_ = leaders_.OnTurn(node);
    });
    cluster_.RunFor(absl::Seconds(5));
    leader_ = *cluster_.node(NodeNumber(0))->engine().leader();
    other_ = NodeNumber((leader_.value() + 1) % 5);
  }

  Cluster cluster_{{.nodes = 5, .seed = GetParam()}};
  GrantsChecker grants_{cluster_};
  LeaderChecker leaders_{cluster_, {}};
  NodeNumber leader_;
  NodeNumber other_;  // Any node that does not lead.
  std::string problem_;
};

TEST_P(RegressionTest, HostWithANewClockIsNotGrantedByItsOldOne) {
  cluster_.RunFor(absl::Minutes(2));
  cluster_.Crash(other_);
  cluster_.Reboot(other_);
  cluster_.RunFor(absl::Seconds(1));
  cluster_.Start(other_);
  cluster_.RunFor(absl::Seconds(5));
  EXPECT_EQ(problem_, "");
  const Instant now = cluster_.process(other_).LocalNow();
  EXPECT_GT(cluster_.node(other_)->engine().ServesUntil(), now);
  EXPECT_LT(cluster_.node(other_)->engine().ServesUntil(), After(now, absl::Seconds(1)));
}

TEST_P(RegressionTest, NodeThatDidNotHearTheLeaderResignIsStillReckonedWith) {
  for (NodeNumber node : cluster_.nodes()) {
    if (node != other_) cluster_.network().Cut(node, other_);
  }
  cluster_.End(leader_);
  cluster_.RunFor(absl::Seconds(3));
  EXPECT_EQ(leaders_.elections(), 2u);
  EXPECT_EQ(problem_, "");
}

TEST_P(RegressionTest, NodeThatDoesNotHearTheLeaderDoesNotEndItsReign) {
  cluster_.network().Cut(leader_, other_);
  cluster_.RunFor(absl::Minutes(1));
  EXPECT_EQ(leaders_.elections(), 1u);
  EXPECT_EQ(cluster_.node(leader_)->engine().leader(), leader_);
  EXPECT_EQ(problem_, "");
}

INSTANTIATE_TEST_SUITE_P(Seeds, RegressionTest, testing::Range(uint64_t{1}, uint64_t{11}));

}  // namespace
}  // namespace ctdb::sim
