// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/ballot.h"

#include <gtest/gtest.h>

namespace ctdb::cluster {
namespace {

constexpr NodeNumber kLastNode(4095);

TEST(BallotTest, ABallotKeepsItsRoundAndItsNode) {
  for (const uint64_t round : {uint64_t{0}, uint64_t{1}, uint64_t{77}, kRoundMax}) {
    for (const NodeNumber node : {NodeNumber(0), NodeNumber(1), kLastNode}) {
      const Ballot ballot = MakeBallot(round, node);
      EXPECT_EQ(RoundOf(ballot), round);
      EXPECT_EQ(NodeOf(ballot), node);
    }
  }
}

TEST(BallotTest, ALaterRoundIsHigherWhateverTheNode) {
  EXPECT_GT(MakeBallot(2, NodeNumber(0)), MakeBallot(1, kLastNode));
}

TEST(BallotTest, TwoNodesNeverHaveTheSameBallot) {
  EXPECT_NE(MakeBallot(5, NodeNumber(1)), MakeBallot(5, NodeNumber(2)));
}

TEST(BallotTest, TheFirstBallotOfAnyNodeIsHigherThanNone) {
  EXPECT_GT(MakeBallot(1, NodeNumber(0)), Ballot());
}

TEST(BallotTest, AnEpochKeepsItsBallotAndItsCounterUpToTheLastRound) {
  for (const Ballot ballot : {MakeBallot(1, NodeNumber(0)), MakeBallot(kRoundMax, kLastNode)}) {
    for (const uint32_t counter : {uint32_t{0}, uint32_t{1}, kEpochsPerBallot - 1}) {
      const Epoch epoch = MakeEpoch(ballot, counter);
      EXPECT_EQ(BallotOf(epoch), ballot);
      EXPECT_EQ(CounterOf(epoch), counter);
    }
  }
}

TEST(BallotTest, TheFirstEpochOfALaterBallotIsHigherThanTheLastOfAnEarlierOne) {
  EXPECT_GT(MakeEpoch(MakeBallot(3, NodeNumber(2)), 0),
            MakeEpoch(MakeBallot(3, NodeNumber(1)), kEpochsPerBallot - 1));
}

}  // namespace
}  // namespace ctdb::cluster
