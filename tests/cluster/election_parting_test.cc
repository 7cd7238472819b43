// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Nodes that have ended for certain: what is not waited for then, and when it is all the same.

#include <gtest/gtest.h>

#include <optional>

#include "tests/cluster/election_fixture.h"

namespace ctdb::cluster {
namespace {

constexpr absl::Duration kReleased = absl::Milliseconds(600);

class ElectionPartingTest : public testing::Test {
 protected:
  // Node 1 leads, and this node follows it.
  void Follow() {
    world_.Connect({1, 2});
    world_.PassAbstention();
    world_.Beat(1, kFirst);
    world_.TakeAll();
  }
  // Node 1 leads, and has granted node 2 something when it crashes; then this node is elected with
  // the vote of node 2.
  void SucceedIt(const std::vector<int>& voter_says) {
    world_.PassToDeadline();
    world_.TrialReply(2, kSecond, true);
    world_.Persisted(kSecond);
    world_.VoteWithParted(2, kSecond, kReleased, voter_says);
    ASSERT_EQ(world_.election().leader(), Node(0));
  }
  // What a candidate that asks now is told.
  std::optional<VoteReply> AskedBy(int node, Ballot ballot) {
    world_.Ask(node, ballot);
    world_.Persisted(ballot);
    for (const auto& send : world_.election().TakeOutput().sends) {
      const auto* reply = std::get_if<VoteReply>(&send.message);
      if (reply != nullptr && reply->is_granted) return *reply;
    }
    return std::nullopt;
  }
  bool IsWaitedFor(int node) { return world_.election().GrantedUntil(Node(node)) > world_.now(); }

  const Ballot kFirst = At(1, 1);
  const Ballot kSecond = At(2, 0);
  ElectionWorld world_{3};
};

TEST_F(ElectionPartingTest, ALeaderDoesNotWaitForTheGrantOfANodeThatHasParted) {
  world_.Connect({1, 2});
  world_.Lead();
  world_.Pass(world_.options().beat_interval);
  ASSERT_TRUE(IsWaitedFor(1));
  world_.Connect({2});
  world_.Parted(1, world_.now());
  EXPECT_FALSE(IsWaitedFor(1));
}

TEST_F(ElectionPartingTest, WhatIsGrantedToTheNodesNextRunCounts) {
  world_.Connect({1, 2});
  world_.Lead();
  world_.Connect({2});
  world_.Parted(1, world_.now());
  world_.Connect({1, 2});
  world_.Pass(world_.options().beat_interval);
  world_.Answer(1, world_.election().ballot(), world_.now(), 5000);
  world_.Pass(world_.options().beat_interval);
  EXPECT_TRUE(IsWaitedFor(1));
}

TEST_F(ElectionPartingTest, WhatWasKnownBeforeThisNodeLedSaysNothingOfWhatOthersGrantedSince) {
  Follow();
  const Instant before = world_.now();
  world_.Connect({2});
  world_.Pass(world_.Promise());
  SucceedIt({});
  ASSERT_TRUE(IsWaitedFor(1));
  world_.Parted(1, before);
  EXPECT_TRUE(IsWaitedFor(1));
  world_.Parted(1, world_.now());
  EXPECT_FALSE(IsWaitedFor(1));
}

TEST_F(ElectionPartingTest, ALeaderThatHasPartedReleasesItsVoters) {
  Follow();
  world_.Connect({2});
  EXPECT_GE(world_.UntilDeadline(), world_.Promise());
  world_.Parted(1, world_.now());
  EXPECT_LE(world_.UntilDeadline(), world_.SpreadMax());
}

TEST_F(ElectionPartingTest, ItsGrantIsNotWaitedForWhenAllVotersSaySo) {
  Follow();
  world_.Connect({2});
  world_.Parted(1, world_.now());
  SucceedIt({1});
  EXPECT_FALSE(IsWaitedFor(1));
}

// Node 2 may have followed a later leader, who may have granted a later run of node 1 something.
TEST_F(ElectionPartingTest, ItsGrantIsWaitedForWhenOneVoterDoesNotSaySo) {
  Follow();
  world_.Connect({2});
  world_.Parted(1, world_.now());
  SucceedIt({});
  EXPECT_TRUE(IsWaitedFor(1));
}

TEST_F(ElectionPartingTest, ItsGrantIsWaitedForWhenThisNodeDoesNotKnowIt) {
  Follow();
  world_.Connect({2});
  world_.Pass(world_.Promise());
  SucceedIt({1});
  EXPECT_TRUE(IsWaitedFor(1));
}

TEST_F(ElectionPartingTest, WhatOthersWereGrantedIsWaitedForAsEver) {
  Follow();
  world_.Connect({2});
  world_.Parted(1, world_.now());
  SucceedIt({1});
  EXPECT_TRUE(IsWaitedFor(2));
}

TEST_F(ElectionPartingTest, AVoterSaysItOnce) {
  Follow();
  world_.Connect({2});
  world_.Parted(1, world_.now());
  const std::optional<VoteReply> first = AskedBy(2, At(2, 2));
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->parted, NodeList({1}));
  // Node 2 may lead by now, and grant node 1 what it likes.
  const std::optional<VoteReply> second = AskedBy(2, At(3, 2));
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(second->parted.empty());
}

TEST_F(ElectionPartingTest, AVoterThatHasPromisedItselfSinceSaysNothing) {
  Follow();
  world_.Connect({2});
  world_.Pass(world_.Promise());
  ASSERT_TRUE(AskedBy(2, At(2, 2)).has_value());
  world_.Parted(1, world_.now());
  const std::optional<VoteReply> reply = AskedBy(2, At(3, 2));
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(reply->parted.empty());
}

TEST_F(ElectionPartingTest, AVoterThatHasHeardALeaderSinceSaysNothing) {
  Follow();
  world_.Connect({2});
  world_.Parted(1, world_.now());
  world_.Beat(2, At(2, 2));
  world_.Resigned(2, At(2, 2));
  const std::optional<VoteReply> reply = AskedBy(2, At(3, 2));
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(reply->parted.empty());
}

TEST_F(ElectionPartingTest, AFollowerThatHasPartedChangesNothingForAVoter) {
  Follow();
  world_.Connect({1});
  world_.Parted(2, world_.now());
  EXPECT_EQ(world_.election().leader(), Node(1));
  world_.Resigned(1, kFirst);
  const std::optional<VoteReply> reply = AskedBy(1, At(2, 1));
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(reply->parted.empty());
}

TEST_F(ElectionPartingTest, AStartedNodeKeepsToItsPromisesOfBefore) {
  world_.Connect({2});
  const absl::Duration until = world_.UntilDeadline();
  world_.Parted(1, world_.now());
  EXPECT_EQ(world_.UntilDeadline(), until);
}

// There is no voter in common who would know of another holder of the lock.
TEST(ElectionPartingByLockTest, WhoeverTakesTheLockWaitsForAllGrantsOfBefore) {
  Election::Options options;
  options.rule = Election::Rule::kLock;
  ElectionWorld world(3, options);
  world.Connect({1, 2});
  world.Beat(1, At(1, 1));
  world.Persisted(At(1, 1));
  world.Connect({2});
  world.Parted(1, world.now());
  world.PassToDeadline();
  world.Lock(LockAnswer::kTaken);
  world.Persisted(At(2, 0));
  ASSERT_TRUE(world.Leads());
  EXPECT_GT(world.election().GrantedUntil(Node(1)), world.now());
  world.Parted(1, world.now());
  EXPECT_LE(world.election().GrantedUntil(Node(1)), world.now());
}

}  // namespace
}  // namespace ctdb::cluster
