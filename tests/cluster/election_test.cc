// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How a node gets elected, and how it votes. Leading: election_leader_test.cc; the cluster lock:
// election_lock_test.cc.

#include "lib/cluster/election.h"

#include <gtest/gtest.h>

#include "tests/cluster/election_fixture.h"

namespace ctdb::cluster {
namespace {

TEST(ElectionTest, ANodeIsElectedByTrialThenBallotOnDiskThenVotes) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "try 1.0 > 1, try 1.0 > 2");
  world.TrialReply(1, At(1, 0), true);
  EXPECT_EQ(world.Output(), "persist 1.0");
  world.Persisted(At(1, 0));
  EXPECT_EQ(world.Output(), "ask 1.0 > 1, ask 1.0 > 2");
  world.Vote(2, At(1, 0), true);
  EXPECT_EQ(world.Output(), "beat 1.0 > 1, beat 1.0 > 2");
  EXPECT_EQ(world.Events(), "leader 0 1.0: it was elected");
}

TEST(ElectionTest, AStartedNodeStandsOnlyAfterOneLeaseAndSoonAfterIt) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  const absl::Duration wait = world.UntilDeadline();
  EXPECT_GE(wait, world.Promise());
  EXPECT_LE(wait, world.Promise() + world.SpreadMax());
  world.Pass(wait - kTick);
  EXPECT_EQ(world.Output(), "");
  world.Pass(kTick);
  EXPECT_EQ(world.Output(), "try 1.0 > 1, try 1.0 > 2");
}

TEST(ElectionTest, ARestartedVoterAbstainsForOneLeaseAndNotLonger) {
  ElectionWorld world(3, {}, At(4, 1));
  world.Connect({1, 2});
  world.Sleep(world.Promise() - kTick);
  world.Trial(1, At(5, 1));
  world.Ask(1, At(5, 1));
  EXPECT_EQ(world.Output(), "would no 5.1 > 1, vote no 5.1 > 1");
  world.Sleep(kTick);
  world.Trial(1, At(5, 1));
  world.Ask(1, At(5, 1));
  EXPECT_EQ(world.Output(), "persist 5.1, would yes 5.1 > 1");
}

TEST(ElectionTest, AVoteIsSentOnlyWhenItIsOnDisk) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassAbstention();
  world.Ask(1, At(1, 1));
  EXPECT_EQ(world.Output(), "persist 1.1");
  world.Persisted(At(9, 1));
  EXPECT_EQ(world.Output(), "") << "that is another ballot";
  world.Persisted(At(1, 1));
  EXPECT_EQ(world.Output(), "vote yes 1.1 > 1");
  world.Persisted(At(1, 1));
  EXPECT_EQ(world.Output(), "") << "once";
}

TEST(ElectionTest, WhilePromiseIsBeingWrittenNobodyElseGetsAVote) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassAbstention();
  world.Ask(1, At(1, 1));
  world.Ask(1, At(1, 1));
  world.Ask(2, At(1, 2));
  EXPECT_EQ(world.Output(), "persist 1.1, vote no 1.1 > 1, vote no 1.2 > 2");
  world.Persisted(At(1, 1));
  EXPECT_EQ(world.Output(), "vote yes 1.1 > 1");
}

TEST(ElectionTest, WhileAPromiseIsBeingWrittenItDoesNotStand) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassAbstention();
  world.Ask(1, At(1, 1));
  world.TakeAll();
  world.Pass(absl::Seconds(1));
  EXPECT_EQ(world.Output(), "");
  world.Persisted(At(1, 1));
  world.TakeAll();
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "try 2.0 > 1, try 2.0 > 2");
}

TEST(ElectionTest, VotesMakeNoLeaderWhoseBallotIsNotOnDisk) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassToDeadline();
  world.TrialReply(1, At(1, 0), true);
  world.Vote(1, At(1, 0), true);
  world.Vote(2, At(1, 0), true);
  EXPECT_EQ(world.Events(), "");
}

TEST(ElectionTest, APromiseIsToThatBallotAndThoseAboveIt) {
  ElectionWorld world(3, {}, At(4, 1));
  world.Connect({1, 2});
  world.PassAbstention();
  world.Ask(1, At(4, 1));
  world.Ask(2, At(3, 2));
  EXPECT_EQ(world.Output(), "vote no 4.1 > 1, vote no 3.2 > 2");
  world.Ask(2, At(4, 2));
  EXPECT_EQ(world.Output(), "persist 4.2");
}

TEST(ElectionTest, ALeaderHeardOfWhileAPromiseIsWrittenHasTheLoyalty) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassAbstention();
  world.Ask(1, At(1, 1));
  world.Beat(2, At(1, 2));
  world.Output();
  world.Persisted(At(1, 1));
  EXPECT_EQ(world.Output(), "vote no 1.1 > 1");
}

TEST(ElectionTest, ATrialBindsNobody) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassAbstention();
  world.Trial(2, At(9, 2));
  world.Trial(1, At(1, 1));
  EXPECT_EQ(world.Output(), "would yes 9.2 > 2, would yes 1.1 > 1");
  world.Ask(1, At(1, 1));
  EXPECT_EQ(world.Output(), "persist 1.1");
}

TEST(ElectionTest, ATrialOfSomebodyElseDoesNotMakeTheLeadersBeatsStale) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.Beat(1, At(1, 1));
  world.Output();
  world.Trial(2, At(2, 2));
  EXPECT_EQ(world.Output(), "would no 2.2 > 2");
  world.Beat(1, At(1, 1));
  EXPECT_EQ(world.Output(), "follow 1.1 > 1");
}

TEST(ElectionTest, ATrialThatWouldSucceedPutsOffOnesOwn) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassAbstention();
  world.Trial(1, At(1, 1));
  EXPECT_GE(world.UntilDeadline(), world.options().attempt_limit);
}

TEST(ElectionTest, AnAttemptWithoutAnswersEndsAtItsLimitAndIsMadeAgain) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassToDeadline();
  EXPECT_EQ(world.UntilDeadline(), world.options().attempt_limit);
  world.TakeAll();
  world.Pass(world.options().attempt_limit - kTick);
  EXPECT_EQ(world.UntilDeadline(), kTick);
  world.Pass(kTick);
  EXPECT_LE(world.UntilDeadline(), world.SpreadMax());
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "try 1.0 > 1, try 1.0 > 2") << "no ballot was used up";
}

TEST(ElectionTest, ACandidateWithoutEnoughVotesTriesAgainAboveItsBallot) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassToDeadline();
  world.TrialReply(1, At(1, 0), true);
  EXPECT_EQ(world.election().NextDeadline(), kNever) << "the disk takes its time";
  world.Pass(absl::Hours(1));
  world.TakeAll();
  world.Persisted(At(1, 0));
  world.Pass(world.options().attempt_limit - kTick);
  EXPECT_EQ(world.Output(), "ask 1.0 > 1, ask 1.0 > 2");
  world.Pass(kTick);
  world.Vote(1, At(1, 0), true);
  EXPECT_EQ(world.Events(), "") << "too late";
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "try 2.0 > 1, try 2.0 > 2");
}

TEST(ElectionTest, RefusalsTellWhichBallotToBeAbove) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassToDeadline();
  world.TrialReply(1, At(1, 0), false, At(7, 2));
  world.TakeAll();
  world.TrialReply(2, At(1, 0), true);
  EXPECT_EQ(world.Output(), "persist 8.0");
}

TEST(ElectionTest, RepliesToOtherAttemptsAndRepeatedOnesDoNotCount) {
  ElectionWorld world(5);
  world.Connect({1, 2, 3, 4});
  world.PassToDeadline();
  world.TakeAll();
  world.TrialReply(1, At(1, 0), true);
  world.TrialReply(1, At(1, 0), true);
  world.TrialReply(2, At(3, 0), true);
  world.TrialReply(3, At(1, 0), false);
  world.TrialReply(7, At(1, 0), true);
  world.Vote(4, At(1, 0), true);
  EXPECT_EQ(world.Output(), "");
  world.TrialReply(2, At(1, 0), true);
  EXPECT_EQ(world.Output(), "persist 1.0");
  world.Persisted(At(1, 0));
  world.Output();
  world.TrialReply(3, At(1, 0), true);
  world.Vote(1, At(1, 0), true);
  world.Vote(1, At(1, 0), true);
  world.Vote(7, At(1, 0), true);
  world.Vote(4, At(9, 0), true);
  EXPECT_EQ(world.Output(), "");
  world.Vote(4, At(1, 0), true);
  EXPECT_EQ(world.Events(), "leader 0 1.0: it was elected");
}

TEST(ElectionTest, InputsFromOutsideOfTheListOrWithSomebodyElsesBallotAreIgnored) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassAbstention();
  world.Trial(7, At(1, 7));
  world.Ask(7, At(1, 7));
  world.Ask(1, At(1, 2));
  world.Beat(7, At(1, 7));
  world.Beat(1, At(1, 2));
  world.Answer(1, At(1, 0), world.now(), 5);
  world.Resigned(1, At(1, 1));
  world.Vote(1, At(1, 0), true);
  EXPECT_EQ(world.Output(), "");
  EXPECT_EQ(world.Events(), "");
}

TEST(ElectionTest, OfTwoSimultaneousCandidatesTheHigherBallotWins) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassToDeadline();
  world.TrialReply(1, At(1, 0), true);
  world.Output();
  world.Ask(1, At(1, 1));
  EXPECT_EQ(world.Output(), "vote no 1.1 > 1") << "its own is being written";
  world.Persisted(At(1, 0));
  world.Output();
  world.Ask(1, At(1, 1));
  EXPECT_EQ(world.Output(), "persist 1.1");
  world.Vote(2, At(1, 0), true);
  EXPECT_EQ(world.Events(), "") << "it does not stand any more";
  world.Persisted(At(1, 1));
  EXPECT_EQ(world.Output(), "vote yes 1.1 > 1");
}

TEST(ElectionTest, ACandidateThatHearsALeaderFollowsIt) {
  for (const bool is_standing : {false, true}) {
    ElectionWorld world(3);
    world.Connect({1, 2});
    world.PassToDeadline();
    if (is_standing) world.TrialReply(1, At(1, 0), true);
    world.TakeAll();
    world.Beat(1, At(2, 1));
    EXPECT_EQ(world.Output(), "follow 2.1 > 1");
    EXPECT_EQ(world.Events(), "leader 1 2.1");
    world.TrialReply(2, At(1, 0), true);
    world.Persisted(At(1, 0));
    world.Vote(2, At(1, 0), true);
    EXPECT_EQ(world.Output(), "");
  }
}

TEST(ElectionTest, ANodeThatHasLeftSaysNothing) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassToDeadline();
  world.TakeAll();
  world.Leave();
  world.TrialReply(1, At(1, 0), true);
  world.Ask(1, At(1, 1));
  world.Beat(1, At(1, 1));
  world.Pass(absl::Hours(1));
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Output(), "");
}

TEST(ElectionTest, AVoteBeingWrittenWhenTheNodeLeavesIsNotGiven) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassAbstention();
  world.Ask(1, At(1, 1));
  world.Leave();
  world.Output();
  world.Persisted(At(1, 1));
  EXPECT_EQ(world.Output(), "vote no 1.1 > 1");
}

TEST(ElectionTest, ANodeThatMayNotLeadVotesButDoesNotStand) {
  ElectionWorld world(3);
  world.Connect({1, 2});
  world.PassToDeadline();
  world.TakeAll();
  world.MayLead(false);
  world.TrialReply(1, At(1, 0), true);
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Output(), "");
  EXPECT_EQ(world.WaitingFor(), "another node to be elected: this one may not lead");
  world.Trial(1, At(1, 1));
  EXPECT_EQ(world.Output(), "would yes 1.1 > 1");
  world.MayLead(true);
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "try 1.0 > 1, try 1.0 > 2");
}

}  // namespace
}  // namespace ctdb::cluster
