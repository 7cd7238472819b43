// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What a follower by majority does: its promise, its grant, and when it looks for a new leader.

#include <gtest/gtest.h>

#include "tests/cluster/election_fixture.h"

namespace ctdb::cluster {
namespace {

class ElectionFollowerTest : public testing::Test {
 protected:
  ElectionFollowerTest() {
    world_.Connect({1, 2});
    world_.PassAbstention();
  }
  void Follow() {
    world_.Beat(1, leader_ballot_);
    world_.TakeAll();
  }

  const Ballot leader_ballot_ = At(3, 1);
  ElectionWorld world_{3};
};

TEST_F(ElectionFollowerTest, TheFirstBeatTellsWhoLeads) {
  world_.Beat(1, leader_ballot_);
  EXPECT_EQ(world_.Output(), "follow 3.1 > 1");
  EXPECT_EQ(world_.Events(), "leader 1 3.1");
  EXPECT_EQ(world_.WaitingFor(), "");
  world_.Beat(1, leader_ballot_);
  EXPECT_EQ(world_.Output(), "follow 3.1 > 1");
  EXPECT_EQ(world_.Events(), "") << "nothing is new";
}

TEST_F(ElectionFollowerTest, WhileTheNodesListChangesTheBallotOfTheLeaderGoesToDisk) {
  world_.SetNodes({0, 1, 2}, {0, 1, 2, 3});
  world_.Beat(1, leader_ballot_);
  EXPECT_EQ(world_.Output(), "persist 3.1") << "an answer would say that it is there";
  world_.Beat(1, leader_ballot_);
  EXPECT_EQ(world_.Output(), "") << "it is being written";
  world_.Persisted(leader_ballot_);
  world_.Beat(1, leader_ballot_);
  EXPECT_EQ(world_.Output(), "follow 3.1 > 1") << "it is there";
}

TEST_F(ElectionFollowerTest, TheSameLeaderWithALaterBallotIsNews) {
  Follow();
  world_.Beat(1, At(4, 1));
  EXPECT_EQ(world_.Events(), "leader 1 4.1");
}

TEST_F(ElectionFollowerTest, BeatsOfAnOldLeaderAreRefused) {
  Follow();
  world_.Beat(2, At(2, 2));
  EXPECT_EQ(world_.Output(), "refuse 2.2 for 3.1 > 2");
  EXPECT_EQ(world_.election().leader(), Node(1));
}

TEST_F(ElectionFollowerTest, WhoAnsweredABeatVotesForNobodyElseUntilItsPromiseIsOver) {
  Follow();
  world_.Sleep(world_.Promise() - kTick);
  world_.Trial(2, At(4, 2));
  world_.Ask(2, At(5, 2));
  EXPECT_EQ(world_.Output(), "would no 4.2 > 2, vote no 5.2 > 2");
  world_.Sleep(kTick);
  world_.Trial(2, At(6, 2));
  world_.Ask(2, At(6, 2));
  EXPECT_EQ(world_.Output(), "persist 6.2, would yes 6.2 > 2");
}

TEST_F(ElectionFollowerTest, EachBeatRenewsThePromise) {
  Follow();
  world_.Sleep(world_.Promise() - kTick);
  world_.Beat(1, leader_ballot_);
  world_.Sleep(world_.Promise() - kTick);
  world_.Output();
  world_.Ask(2, At(4, 2));
  EXPECT_EQ(world_.Output(), "vote no 4.2 > 2");
}

TEST_F(ElectionFollowerTest, APromiseOutlastsTheLeaseItIsFor) {
  EXPECT_GT(world_.Promise(), world_.options().lease);
}

TEST_F(ElectionFollowerTest, AGrantCountsFromItsOwnReplyAndNotFromTheBeat) {
  const Instant replied = world_.now();
  Follow();
  EXPECT_LE(world_.election().ServesUntil(), world_.now()) << "nothing was granted yet";
  world_.Sleep(absl::Milliseconds(400));
  world_.Beat(1, leader_ballot_, world_.Clock(replied), absl::Milliseconds(500));
  EXPECT_EQ(world_.election().ServesUntil(), After(replied, absl::Milliseconds(500)));
}

TEST_F(ElectionFollowerTest, AnOlderGrantThatComesLaterShortensNothing) {
  Follow();
  const Instant first = world_.now();
  world_.Sleep(absl::Milliseconds(100));
  const Instant second = world_.now();
  world_.Beat(1, leader_ballot_, world_.Clock(second), absl::Milliseconds(500));
  world_.Beat(1, leader_ballot_, world_.Clock(first), absl::Milliseconds(500));
  EXPECT_EQ(world_.election().ServesUntil(), After(second, absl::Milliseconds(500)));
}

TEST_F(ElectionFollowerTest, AGrantForAReplyThatIsYetToComeIsNone) {
  Follow();
  world_.Beat(1, leader_ballot_, world_.Clock(world_.now()) + 1, absl::Milliseconds(500));
  EXPECT_LE(world_.election().ServesUntil(), world_.now()) << "the clock of a former life";
}

TEST_F(ElectionFollowerTest, WhatAFormerLeaderGrantedIsExtendedByTheNextOneWhileItLasts) {
  Follow();
  world_.Beat(1, leader_ballot_, world_.Clock(world_.now()), absl::Milliseconds(500));
  const Instant granted = world_.election().ServesUntil();
  EXPECT_EQ(granted, After(world_.now(), absl::Milliseconds(500)));
  world_.Beat(2, At(4, 2));
  EXPECT_EQ(world_.election().ServesUntil(), granted);
  world_.Sleep(absl::Milliseconds(499));
  world_.Extend(2, At(4, 2), world_.Clock(world_.now()), absl::Milliseconds(600));
  const Instant extended = world_.election().ServesUntil();
  EXPECT_EQ(extended, After(world_.now(), absl::Milliseconds(600)));
  world_.Sleep(absl::Milliseconds(600));
  world_.Extend(2, At(4, 2), world_.Clock(world_.now()), absl::Milliseconds(600));
  EXPECT_EQ(world_.election().ServesUntil(), extended) << "others may have gone on without it";
  world_.Beat(2, At(4, 2), world_.Clock(world_.now()), absl::Milliseconds(600));
  EXPECT_GT(world_.election().ServesUntil(), extended) << "the new leader counts on it";
}

TEST_F(ElectionFollowerTest, AGrantOutlivesALostLink) {
  Follow();
  world_.Beat(1, leader_ballot_, world_.Clock(world_.now()), absl::Milliseconds(500));
  const Instant until = world_.election().ServesUntil();
  world_.Connect({2});
  EXPECT_EQ(world_.election().ServesUntil(), until);
}

TEST_F(ElectionFollowerTest, ALostLinkToTheLeaderStartsAnElectionAsSoonAsThePromiseIsOver) {
  Follow();
  world_.Connect({2});
  EXPECT_EQ(world_.Events(), "no leader 3.1: node 1 is not connected any more");
  EXPECT_GE(world_.UntilDeadline(), world_.Promise());
  EXPECT_LE(world_.UntilDeadline(), world_.Promise() + world_.SpreadMax());
  world_.PassToDeadline();
  EXPECT_EQ(world_.Output(), "try 4.0 > 2");
}

TEST_F(ElectionFollowerTest, ALostLinkToAnotherFollowerChangesNothing) {
  Follow();
  world_.Connect({1});
  EXPECT_EQ(world_.Events(), "");
}

TEST_F(ElectionFollowerTest, ASilentLeaderIsGivenUpAtItsLimitAndNotBefore) {
  Follow();
  world_.Pass(world_.options().leader_timeout - kTick);
  EXPECT_EQ(world_.Events(), "");
  EXPECT_EQ(world_.UntilDeadline(), kTick);
  world_.Pass(kTick);
  EXPECT_EQ(world_.Events(), "no leader 3.1: nothing was heard from node 1 as the leader for 5s");
  EXPECT_LE(world_.UntilDeadline(), world_.SpreadMax());
}

TEST_F(ElectionFollowerTest, TheLimitForSilentLeadersMayBeChanged) {
  Follow();
  world_.election().SetLeaderTimeout(absl::Seconds(9));
  EXPECT_EQ(world_.UntilDeadline(), absl::Seconds(9));
  world_.Pass(absl::Seconds(8));
  EXPECT_EQ(world_.Events(), "");
}

TEST_F(ElectionFollowerTest, ALeaderThatIsHeardAgainAfterItWasGivenUpIsFollowedAgain) {
  Follow();
  world_.Pass(world_.options().leader_timeout);
  world_.TakeAll();
  world_.Beat(1, leader_ballot_);
  EXPECT_EQ(world_.Output(), "follow 3.1 > 1");
  EXPECT_EQ(world_.Events(), "leader 1 3.1");
}

TEST_F(ElectionFollowerTest, WhenTheLeaderResignsTheElectionIsImmediate) {
  Follow();
  world_.Resigned(1, leader_ballot_);
  EXPECT_EQ(world_.Events(), "no leader 3.1: node 1 has stepped down");
  EXPECT_LE(world_.UntilDeadline(), world_.SpreadMax());
  world_.Trial(2, At(4, 2));
  EXPECT_EQ(world_.Output(), "would yes 4.2 > 2") << "the promise is over";
}

TEST_F(ElectionFollowerTest, AResignationThatIsLateOrOfSomebodyElseIsIgnored) {
  Follow();
  world_.Resigned(1, At(2, 1));
  world_.Resigned(2, leader_ballot_);
  world_.Resigned(2, At(2, 2));
  world_.Resigned(7, leader_ballot_);
  EXPECT_EQ(world_.Events(), "");
  world_.Ask(2, At(4, 2));
  EXPECT_EQ(world_.Output(), "vote no 4.2 > 2");
}

TEST_F(ElectionFollowerTest, AReturningNodeFollowsTheLeaderThatIsThere_Bug83) {
  ElectionWorld world(3, {}, At(2, 0));
  world.Connect({1, 2});
  world.Beat(1, leader_ballot_);
  EXPECT_EQ(world.Output(), "follow 3.1 > 1");
  for (int i = 0; i < 50; ++i) {
    world.Pass(absl::Milliseconds(100));
    world.Beat(1, leader_ballot_);
  }
  EXPECT_EQ(world.Events(), "leader 1 3.1");
}

}  // namespace
}  // namespace ctdb::cluster
